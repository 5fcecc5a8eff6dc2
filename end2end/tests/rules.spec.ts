// Rules: made, tried out before they are saved, turned off, applied to the past, archived; with and without JavaScript.
import { type APIRequestContext, type Page } from "@playwright/test";
import { expect, test } from "../support/test.ts";
import { type Server } from "../support/server.ts";

const RULES = "/p/support-bot/rules";

/** Makes an API key as whoever is signed in. */
async function makeKey(page: Page, server: Server): Promise<string> {
  const answer = await page.request.post(`${server.url}/api/v1/api-keys?project=support-bot`, {
    data: { name: "Test", scopes: ["ingest", "read", "write"] },
    headers: { origin: server.url },
  });
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json()).secret;
}

/** Sends conversations that have ended, and waits until they are closed. */
async function send(request: APIRequestContext, server: Server, key: string, names: string[]): Promise<void> {
  const headers = { authorization: `Bearer ${key}` };
  for (const name of names) {
    const messages = [
      { role: "user", content: `Where is ${name}?` },
      { role: "assistant", content: "I cannot say." },
    ];
    const data = { session_id: name, end_reason: "resolved", messages };
    expect((await request.post(`${server.url}/api/v1/sessions`, { headers, data })).ok()).toBe(true);
  }
  for (const name of names) {
    const status = async () => (await (await request.get(`${server.url}/api/v1/sessions/${name}`, { headers })).json()).status;
    await expect.poll(status, { timeout: 15_000 }).toBe("closed");
  }
}

const check = (page: Page, name: RegExp) => page.getByRole("checkbox", { name }).first();

test("a rule is tried out, made, turned off and archived", async ({ page, owner, open, request, server, axe, complaints, javaScriptEnabled }) => {
  // A draft that is not whole yet is tried too.
  complaints.allow(/status of 422.*\/api\/ui\/rule_try/);
  await owner();
  await open(RULES);
  await expect(page.getByRole("heading", { name: "No rules yet" })).toBeVisible();
  await axe(page);
  await send(request, server, await makeKey(page, server), ["parcel", "refund"]);

  await page.getByRole("link", { name: "New rule" }).click();
  await expect(page.getByRole("heading", { name: "New rule", level: 1 })).toBeVisible();
  await page.getByLabel("Name", { exact: true }).fill("Everything");
  await page.getByRole("combobox", { name: "Filter" }).fill("turns >= 1");
  await page.keyboard.press("Escape");
  await check(page, /resolution/i).check();
  if (!javaScriptEnabled) await page.getByRole("button", { name: "Preview" }).click();
  const preview = page.getByRole("complementary", { name: "Preview" });
  await expect(preview.getByText("Of 2 sessions that closed in the last 7 days")).toBeVisible();
  await axe(page);

  await page.getByRole("button", { name: "Make the rule" }).click();
  await expect(page.getByRole("heading", { name: "Everything", level: 1 })).toBeVisible();
  await expect(page.getByText("Version 1")).toBeVisible();
  await expect(check(page, /resolution/i)).toBeChecked();
  await axe(page);

  await open(RULES);
  const row = page.getByRole("row", { name: /Everything/ });
  await expect(row.getByText("turns >= 1")).toBeVisible();
  await row.getByRole("button", { name: "Turn off" }).click();
  await expect(row.getByRole("button", { name: "Turn on" })).toBeVisible();

  await row.getByRole("link", { name: "Everything" }).click();
  await page.getByRole("button", { name: "Archive Everything" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Archive" }).click();
  await expect(page.getByRole("heading", { name: "No rules yet" })).toBeVisible();
});

test("what cannot be saved is said under the field that is meant", async ({ page, owner, open, complaints }) => {
  complaints.allow(/status of 422/);
  await owner();
  await open(`${RULES}/new`);
  await page.getByLabel("Name", { exact: true }).fill("Wrong");
  await page.getByLabel("Take, of those that pass").fill("many");
  await page.getByRole("button", { name: "Make the rule" }).click();
  await expect(page.getByText("Write a percentage from 0 to 100.").first()).toBeVisible();
  await expect(page.getByRole("heading", { name: "New rule", level: 1 })).toBeVisible();
});

test("a rule is applied to the past", async ({ page, owner, open, request, server, complaints }) => {
  complaints.allow(/status of 422.*\/api\/ui\/rule_try/);
  await owner();
  await open("/p/support-bot/sessions");
  const key = await makeKey(page, server);
  await send(request, server, key, ["one", "two", "three"]);
  await open(`${RULES}/new`);
  await page.getByLabel("Name", { exact: true }).fill("The past");
  await check(page, /resolution/i).check();
  await page.getByRole("button", { name: "Make the rule" }).click();
  await expect(page.getByRole("heading", { name: "The past", level: 1 })).toBeVisible();
  const started = page.waitForResponse((response) => response.request().method() === "POST" && response.url().includes("/api/ui/rule_backfill"));
  await page.getByRole("button", { name: "Start" }).click();
  await started;
  await expect(async () => {
    await page.reload();
    await expect(page.getByText("3 looked at, 3 taken, 3 evaluations")).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 15_000 });
  const rule = page.url().split("/").at(-1)!;
  const detail = await request.get(`${server.url}/api/v1/rules/${rule}`, { headers: { authorization: `Bearer ${key}` } });
  expect((await detail.json()).backfills[0].state).toBe("done");
});
