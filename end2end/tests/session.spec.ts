// The page of one session: the conversation, its tabs, its keys; by mouse, by key and without JavaScript.
import { type APIRequestContext, type Page } from "@playwright/test";
import { expect, test } from "../support/test.ts";
import { type Server } from "../support/server.ts";

const SESSION = "/p/support-bot/sessions/parcel";

/** Makes an API key as whoever is signed in. */
async function makeKey(page: Page, server: Server): Promise<string> {
  const answer = await page.request.post(`${server.url}/api/v1/api-keys?project=support-bot`, {
    data: { name: "Test", scopes: ["ingest", "read", "write"] },
    headers: { origin: server.url },
  });
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json()).secret;
}

/** Sends a session of so many turns, with a tool call in the second, and waits until it can be read. */
async function send(request: APIRequestContext, server: Server, key: string, turns: number): Promise<void> {
  const headers = { authorization: `Bearer ${key}` };
  const called = { id: "call-1", type: "function", function: { name: "get_order", arguments: '{"order_id":"LF-7"}' } };
  const messages = Array.from({ length: turns }, (_, turn) => [
    { role: "user", content: `Where is my parcel? <b>(${turn + 1})</b>` },
    ...(turn === 1
      ? [
          { role: "assistant", content: "", tool_calls: [called] },
          { role: "tool", tool_call_id: "call-1", content: '{"status":"shipped","carrier":"post"}' },
        ]
      : []),
    { role: "assistant", content: turn === 1 ? "It was shipped on Tuesday." : `Let me look, ${"unbroken".repeat(40)}.` },
  ]).flat();
  const sent = await request.post(`${server.url}/api/v1/sessions`, {
    headers,
    data: { session_id: "parcel", user_id: "ada", environment: "production", messages, end_reason: "resolved" },
  });
  expect(sent.ok(), await sent.text()).toBe(true);
  await expect
    .poll(async () => (await request.get(`${server.url}/api/v1/sessions/parcel`, { headers })).status())
    .toBe(200);
}

/** A session that was ended closes a moment later, when late spans would have come. */
async function untilClosed(request: APIRequestContext, server: Server, key: string): Promise<void> {
  const ask = () => request.get(`${server.url}/api/v1/sessions/parcel`, { headers: { authorization: `Bearer ${key}` } });
  await expect.poll(async () => (await (await ask()).json()).status, { timeout: 15_000 }).toBe("closed");
}

/** Scores a turn, or the session where none is named. */
async function score(request: APIRequestContext, server: Server, key: string, given: object): Promise<void> {
  const sent = await request.post(`${server.url}/api/v1/scores`, {
    headers: { authorization: `Bearer ${key}` },
    data: [{ session: "parcel", ...given }],
  });
  expect(sent.ok(), await sent.text()).toBe(true);
}

const turn = (page: Page, position: number) => page.getByRole("article", { name: `Turn ${position}`, exact: true });
const tab = (page: Page, name: string) => page.getByRole("navigation", { name: "About the session" }).getByRole("link", { name });

test("a conversation is read turn by turn; what a tool did opens", async ({ page, owner, open, request, server, axe }) => {
  await owner();
  const key = await makeKey(page, server);
  await send(request, server, key, 3);
  await untilClosed(request, server, key);
  await open(SESSION);
  await expect(page.getByRole("article", { name: /^Turn/ })).toHaveCount(3);
  await expect(turn(page, 1)).toContainText("Where is my parcel? <b>(1)</b>");
  await expect(page.getByRole("region", { name: "Session" })).toContainText("resolved");

  const tool = turn(page, 2).locator("summary", { hasText: "get_order" });
  await expect(tool).toContainText("order_id=LF-7");
  await expect(turn(page, 2).getByRole("group", { name: "Result of get_order" })).toBeHidden();
  await tool.click();
  await expect(turn(page, 2).getByRole("group", { name: "Result of get_order" })).toContainText("post");
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(sideways).toBeLessThanOrEqual(0);
  await axe(page);
});

test("scores stand at their turns and in the panel, and flag them in the strip", async ({ page, owner, open, request, server, axe }) => {
  await owner();
  const key = await makeKey(page, server);
  await send(request, server, key, 3);
  await open(SESSION);
  await expect(page.getByText("Nothing has been scored yet")).toBeVisible();
  await score(request, server, key, { position: 2, name: "safety", value: 0.2, passed: false, source: "llm", explanation: "It promises too much." });
  await score(request, server, key, { name: "csat", value: 4, source: "user" });
  await open(SESSION);
  await expect(turn(page, 2).getByRole("list", { name: "Scores of turn 2" })).toContainText("0.2");
  await expect(page.getByText("It promises too much.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "csat" })).toBeVisible();
  const strip = page.getByRole("navigation", { name: "Turns" });
  await expect(strip.getByRole("link", { name: "Turn 2, below a threshold" })).toBeVisible();
  await strip.getByRole("link", { name: "Turn 2, below a threshold" }).click();
  await expect(page).toHaveURL(/#turn-2$/);
  await axe(page);
});

test("keys go from turn to turn and to what is flagged", async ({ page, owner, open, request, server, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "keys need scripts");
  await owner();
  const key = await makeKey(page, server);
  await send(request, server, key, 4);
  await score(request, server, key, { position: 3, name: "safety", value: false, passed: false, source: "code" });
  await open(SESSION);
  await page.keyboard.press("j");
  await expect(turn(page, 1)).toBeFocused();
  await page.keyboard.press("j");
  await expect(turn(page, 2)).toBeFocused();
  await expect(page).toHaveURL(/#turn-2$/);
  await page.keyboard.press("n");
  await expect(turn(page, 3)).toBeFocused();
  await page.keyboard.press("k");
  await expect(turn(page, 2)).toBeFocused();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keys of this page" })).toContainText("Next flagged turn");
});

test("the trace opens a span", async ({ page, owner, open, request, server, axe }) => {
  await owner();
  await send(request, server, await makeKey(page, server), 2);
  await open(SESSION);
  await tab(page, "Trace").click();
  await expect(page).toHaveURL(/tab=trace/);
  const spans = page.getByRole("group", { name: "Spans" });
  await expect(spans.getByRole("listitem").first()).toBeVisible();
  await axe(page);
  await spans.getByRole("listitem").first().getByRole("link").last().click();
  await expect(page).toHaveURL(/span=[0-9a-f]+\.[0-9a-f]+/);
  const opened = page.getByRole("region", { name: "Open span" });
  await expect(opened).toContainText("Trace");
  await axe(page);
  await opened.getByRole("link", { name: "Close the span" }).click();
  await expect(opened).toBeHidden();
});

test("details, reviews and ledger have their tabs", async ({ page, owner, open, request, server, axe }) => {
  await owner();
  await send(request, server, await makeKey(page, server), 2);
  await open(`${SESSION}?tab=details`);
  await expect(page.getByRole("region", { name: "Details" })).toContainText("production");
  await axe(page);
  await tab(page, "Reviews").click();
  await expect(page.getByText("Nobody has reviewed this session yet")).toBeVisible();
  await tab(page, "Ledger").click();
  await expect(page).toHaveURL(/tab=ledger/);
  await axe(page);
  await page.goBack();
  await expect(page.getByText("Nobody has reviewed this session yet")).toBeVisible();
});

test("a session can be deleted, after a question", async ({ page, owner, open, request, server, complaints }) => {
  complaints.allow(/404/);
  await owner();
  await send(request, server, await makeKey(page, server), 1);
  await open(`${SESSION}?tab=details`);
  await page.getByRole("button", { name: "Delete this session" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page).toHaveURL(/\/p\/support-bot\/sessions$/);
  await open(SESSION);
  await expect(page.getByRole("heading", { name: "There is no such session" })).toBeVisible();
});

test("a long conversation comes in stretches, each turn with its address", async ({ page, owner, open, request, server }) => {
  await owner();
  await send(request, server, await makeKey(page, server), 320);
  await open(SESSION);
  await expect(page.getByRole("article", { name: /^Turn/ })).toHaveCount(300);
  await page.getByRole("link", { name: "Next" }).first().click();
  await expect(page.getByRole("article", { name: /^Turn/ })).toHaveCount(20);
  await expect(turn(page, 320)).toBeAttached();
});

test("on a phone the conversation is the first tab", async ({ page, owner, open, request, server, axe }) => {
  await owner();
  await send(request, server, await makeKey(page, server), 2);
  await page.setViewportSize({ width: 390, height: 844 });
  await open(SESSION);
  await expect(turn(page, 1)).toBeVisible();
  await axe(page);
  await tab(page, "Details").click();
  await expect(turn(page, 1)).toBeHidden();
  await expect(page.getByRole("region", { name: "Details" })).toBeVisible();
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(sideways).toBeLessThanOrEqual(0);
  await axe(page);
});
