// The list of sessions: filter, facets, order, selection, what is new; by mouse, by key and without JavaScript.
import { type APIRequestContext, type Page } from "@playwright/test";
import { expect, test } from "../support/test.ts";
import { type Server } from "../support/server.ts";

const SESSIONS = "/p/support-bot/sessions";

/** One conversation as a client would send it. */
interface Sent {
  session_id: string;
  user: string;
  environment?: string;
  tags?: string[];
  turns?: number;
  end_reason?: string;
}

/** Makes an API key as whoever is signed in. */
async function makeKey(page: Page, server: Server): Promise<string> {
  const answer = await page.request.post(`${server.url}/api/v1/api-keys?project=support-bot`, {
    data: { name: "Test", scopes: ["ingest", "read", "write"] },
    headers: { origin: server.url },
  });
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json()).secret;
}

/** Sends conversations and waits until the list knows them. */
async function send(request: APIRequestContext, server: Server, key: string, sent: Sent[]): Promise<void> {
  const headers = { authorization: `Bearer ${key}` };
  for (const { user, turns, environment, ...one } of sent) {
    const messages = Array.from({ length: turns ?? 1 }, (_, turn) => [
      { role: "user", content: turn === 0 ? user : `${user} (${turn + 1})` },
      { role: "assistant", content: "Let me look." },
    ]).flat();
    const answer = await request.post(`${server.url}/api/v1/sessions`, { headers, data: { ...one, environment, messages } });
    expect(answer.ok(), await answer.text()).toBe(true);
  }
  const last = sent.at(-1)!.session_id;
  await expect
    .poll(async () => (await request.get(`${server.url}/api/v1/sessions/${last}`, { headers })).status())
    .toBe(200);
}

const THREE: Sent[] = [
  { session_id: "parcel", user: "Where is my parcel?", environment: "production", tags: ["vip"], turns: 3, end_reason: "resolved" },
  { session_id: "refund", user: "I want my money back", environment: "production", tags: ["refund"], turns: 2, end_reason: "abandoned" },
  { session_id: "hello", user: "Hello?", environment: "staging", turns: 1 },
];

const rows = (page: Page) => page.locator("tbody tr");
const field = (page: Page) => page.getByRole("combobox", { name: "Filter sessions" });

test("the list shows what was said, and narrows by typing, by facet and by chip", async ({ page, owner, open, request, server, axe, javaScriptEnabled }) => {
  await owner();
  await open(SESSIONS);
  await expect(page.getByRole("heading", { name: "No sessions yet" })).toBeVisible();
  await expect(field(page)).toBeHidden();
  await send(request, server, await makeKey(page, server), THREE);
  // A session whose end was told closes a little later, for spans that come late.
  await expect(async () => {
    await open(SESSIONS);
    await expect(page.getByText("resolved").first()).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 15_000 });
  await expect(rows(page)).toHaveCount(3);
  await expect(page.getByRole("link", { name: "Where is my parcel?" })).toBeVisible();
  await expect(page.getByText("1–3 of 3")).toBeVisible();
  await axe(page);

  if (javaScriptEnabled) await page.keyboard.press("/");
  else await field(page).click();
  await expect(field(page)).toBeFocused();
  await page.keyboard.type("turns >= 2");
  await page.keyboard.press("Enter");
  await expect(rows(page)).toHaveCount(2);
  await expect(page).toHaveURL(/filter=turns/);

  await page.getByRole("complementary", { name: "Narrow down" }).getByRole("link", { name: "resolved" }).click();
  await expect(rows(page)).toHaveCount(1);
  await expect(field(page)).toHaveValue("turns >= 2 and end_reason = resolved");
  await axe(page);
  await page.getByRole("link", { name: "Take out turns >= 2" }).click();
  await expect(field(page)).toHaveValue("end_reason = resolved");
  await page.goBack();
  await expect(field(page)).toHaveValue("turns >= 2 and end_reason = resolved");

  await page.getByRole("link", { name: "Clear the filter" }).click();
  await expect(rows(page)).toHaveCount(3);
  await page.getByRole("columnheader", { name: "Turns" }).getByRole("link").click();
  await expect(rows(page).first()).toContainText("Where is my parcel?");
  await page.getByRole("columnheader", { name: "Turns" }).getByRole("link").click();
  await expect(rows(page).first()).toContainText("Hello?");
  await expect(page.getByRole("columnheader", { name: "Turns" })).toHaveAttribute("aria-sort", "ascending");
});

test("the field completes by key and marks the word that is wrong", async ({ page, owner, open, request, server, axe, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "suggestions need JavaScript");
  await owner();
  await send(request, server, await makeKey(page, server), THREE);
  await open(SESSIONS);
  await field(page).click();
  await page.keyboard.type("env");
  await expect(page.getByRole("option", { name: "environment" })).toBeVisible();
  await axe(page);
  await page.keyboard.press("Tab");
  await expect(field(page)).toHaveValue("environment ");
  await page.keyboard.type("= ");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("option", { name: "production" })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await expect(field(page)).toHaveValue("environment = production ");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("listbox", { name: "Suggestions" })).toBeHidden();
  await page.keyboard.press("Enter");
  await expect(rows(page)).toHaveCount(2);

  await field(page).fill("turns >= many");
  await page.keyboard.press("Enter");
  await expect(page.getByText("At column 10: expected a number after >=")).toBeVisible();
  await expect(page.locator(".filter-field__wrong")).toHaveText("many");
  await expect(field(page)).toHaveAttribute("aria-invalid", "true");
  await expect(rows(page), "the list stays").toHaveCount(2);
  await axe(page);
});

test("keys move among the rows and pick; what is picked goes into a queue", async ({ page, owner, open, request, server, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "keys need JavaScript");
  await owner();
  await send(request, server, await makeKey(page, server), THREE);
  await open(SESSIONS);
  await expect(rows(page)).toHaveCount(3);
  await page.keyboard.press("j");
  await expect(rows(page).nth(0).getByRole("link")).toBeFocused();
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await page.keyboard.press("x");
  await expect(page.getByText("1 selected")).toBeVisible();
  await page.getByRole("checkbox", { name: "Select the sessions of this page" }).check();
  await expect(page.getByText("3 selected")).toBeVisible();
  await page.getByRole("checkbox", { name: "Take all 3 that match" }).check();
  await expect(page.getByText("All that match", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Clear" }).click();
  await expect(page.getByText("3 selected")).toBeHidden();
});

for (const last of ["sessions_browse", "sessions_facets"]) {
  test(`who is quicker than the server loses nothing when ${last} answers last`, async ({ page, owner, open, request, server, javaScriptEnabled }) => {
    test.skip(!javaScriptEnabled, "without JavaScript the page comes whole");
    await owner();
    await send(request, server, await makeKey(page, server), THREE);
    await open(SESSIONS);
    await expect(rows(page)).toHaveCount(3);
    await page.route(/api\/ui\/sessions_(browse|facets)/, async (route) => {
      await new Promise((done) => setTimeout(done, route.request().url().includes(last) ? 400 : 250));
      // The test may be over.
      await route.continue().catch(() => undefined);
    });
    const narrow = page.getByRole("complementary", { name: "Narrow down" });
    await narrow.getByRole("link", { name: "production" }).click();
    await expect(page).toHaveURL(/filter=environment/);
    await page.getByRole("columnheader", { name: "Turns" }).getByRole("link").click();
    // Both are asked for again before the first answers have come.
    await page.getByRole("link", { name: "Clear the filter" }).click();
    await expect(page, "what was chosen first is kept").toHaveURL(/sessions\?sort=turns$/);
    await narrow.getByRole("link", { name: "production" }).click();
    await narrow.getByRole("link", { name: "vip" }).click();
    await expect(field(page)).toHaveValue("environment = production and tag = vip");
    await page.getByRole("link", { name: "Take out tag = vip" }).click();
    await expect(rows(page)).toHaveCount(2);
    await page.getByRole("checkbox", { name: "Select the sessions of this page" }).check();
    await expect(page.getByText("2 selected")).toBeVisible();
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await expect(page.getByText("1 selected")).toBeVisible();
    await page.getByRole("link", { name: "Clear the filter" }).click();
    await expect(rows(page)).toHaveCount(3);
    await expect(page.getByText("1–3 of 3")).toBeVisible();
    await expect(page.getByText("1 selected"), "another filter means other sessions").toBeHidden();
  });
}

test("chosen columns stay from part to part of a list", async ({ page, owner, open, request, server }) => {
  await owner();
  const many = Array.from({ length: 51 }, (_, index) => ({ session_id: `chat-${index}`, user: `Question ${index}` }));
  await send(request, server, await makeKey(page, server), many);
  await open(`${SESSIONS}?columns=user,cost`);
  await expect(rows(page)).toHaveCount(50);
  await page.getByRole("link", { name: /^Next/ }).click();
  await expect(rows(page)).toHaveCount(1);
  await expect(page).toHaveURL(/columns=user/);
  await expect(page.getByRole("columnheader", { name: "User" })).toBeVisible();
  await expect(page.getByRole("columnheader", { name: "Turns" })).toBeHidden();
});

test("what is done is done with the sessions that one sees", async ({ page, owner, open, request, server, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "without JavaScript the page comes whole");
  await owner();
  await send(request, server, await makeKey(page, server), THREE);
  await open(`${SESSIONS}?filter=environment+%3D+production`);
  await expect(rows(page)).toHaveCount(2);
  let letThrough = () => {};
  const gate = new Promise<void>((open) => (letThrough = open));
  await page.route("**/api/ui/sessions_browse*", async (route) => {
    await gate;
    await route.continue().catch(() => undefined);
  });
  await page.getByRole("link", { name: "Clear the filter" }).click();
  await expect(page).not.toHaveURL(/filter=/);
  await page.getByRole("checkbox", { name: "Select the sessions of this page" }).check();
  await page.getByRole("checkbox", { name: /^Take all/ }).check();
  const asked = page.waitForRequest((one) => one.url().includes("/api/ui/sessions_evaluate"));
  await page.getByRole("button", { name: "Evaluate now" }).click();
  expect((await asked).postData()).toContain("filter=environment+%3D+production");
  await expect(page.getByText("2 evaluations begun")).toBeVisible();
  letThrough();
  await expect(rows(page)).toHaveCount(3);
});

test("new sessions are told and come when asked for", async ({ page, owner, open, request, server, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "what is new is told by JavaScript");
  await owner();
  const key = await makeKey(page, server);
  await send(request, server, key, THREE.slice(0, 1));
  await open(SESSIONS);
  await expect(rows(page)).toHaveCount(1);
  await send(request, server, key, THREE.slice(1));
  const note = page.getByRole("link", { name: "2 new or changed" });
  await expect(note).toBeVisible({ timeout: 15_000 });
  await expect(rows(page), "nothing moves by itself").toHaveCount(1);
  await note.click();
  await expect(rows(page)).toHaveCount(3);
  await expect(note).toBeHidden();
});

test("a view is kept under a name, and opens again", async ({ page, owner, open, request, server, axe }) => {
  await owner();
  await send(request, server, await makeKey(page, server), THREE);
  await open(`${SESSIONS}?filter=turns+%3E%3D+2&sort=turns`);
  await expect(rows(page)).toHaveCount(2);
  await page.getByText("Save view").click();
  await page.getByLabel("Name").fill("Long ones");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const tab = page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Long ones" });
  await expect(tab).toHaveAttribute("aria-current", "page");
  await axe(page);
  await page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "All" }).click();
  await expect(rows(page)).toHaveCount(3);
  await tab.click();
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole("button", { name: "Remove view Long ones" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(tab).toBeHidden();
});

test("nothing that matches shows the way out", async ({ page, owner, open, request, server, axe }) => {
  await owner();
  await send(request, server, await makeKey(page, server), THREE);
  await open(`${SESSIONS}?filter=turns+%3E+99`);
  await expect(page.getByRole("heading", { name: "No session matches" })).toBeVisible();
  await axe(page);
  await page.getByRole("link", { name: "Show all sessions" }).click();
  await expect(rows(page)).toHaveCount(3);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("rows are blocks and the facets are a sheet", async ({ page, owner, open, request, server, axe, javaScriptEnabled }) => {
    await owner();
    await send(request, server, await makeKey(page, server), THREE);
    await open(SESSIONS);
    await expect(rows(page)).toHaveCount(3);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    expect(wide, "the page scrolls sideways").toBe(false);
    await page.getByRole("button", { name: "Narrow down" }).click();
    await page.getByRole("link", { name: "staging" }).click();
    // Without JavaScript the link loads the page, and the sheet is gone with it.
    if (javaScriptEnabled) await page.getByRole("button", { name: "Done" }).click();
    await expect(rows(page)).toHaveCount(1);
    await axe(page);
  });
});

test.describe("without JavaScript", () => {
  test.skip(({ javaScriptEnabled }) => javaScriptEnabled !== false, "with JavaScript the list stays when a filter is wrong");

  test("the form filters and links narrow", async ({ page, owner, request, server, axe, complaints }) => {
    await owner();
    await send(request, server, await makeKey(page, server), THREE);
    await page.goto(SESSIONS);
    await expect(rows(page)).toHaveCount(3);
    await axe(page);
    await field(page).fill("turns >= 2 and text ~ \"money back\"");
    await page.getByRole("button", { name: "Apply" }).click();
    await expect(rows(page)).toHaveCount(1);
    await expect(field(page)).toHaveValue("turns >= 2 and text ~ \"money back\"");
    await page.getByRole("link", { name: "Clear the filter" }).click();
    await page.getByRole("link", { name: "production" }).click();
    await expect(rows(page)).toHaveCount(2);
    // The page says so in its status too.
    complaints.allow(/status of 422/);
    await page.goto(`${SESSIONS}?filter=turns+%3E%3D+many`);
    await expect(page.getByText("At column 10: expected a number after >=")).toBeVisible();
  });
});
