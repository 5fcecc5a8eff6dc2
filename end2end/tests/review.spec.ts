// Reviewing: by keyboard alone, without losing an answer, without seeing what a judge said, and without JavaScript.
import type { Browser, Page } from "@playwright/test";
import { fillQueue, reviews, VERDICT } from "../support/queue.ts";
import { expect, test } from "../support/test.ts";

const review = (queue: string) => `/p/support-bot/queues/${queue}/review`;
const heading = (page: Page) => page.locator("#task-heading");
const counts = (page: Page) => page.locator(".review__counts");
const session = async (page: Page) => /chat-\d+/.exec((await page.locator(".turn--target").textContent()) ?? "")?.[0];

/** Presses Enter and waits until the task is another one; returns the milliseconds that it took in the browser. */
async function submit(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const asked = () => document.querySelector(".turn--target")?.textContent;
        const before = asked();
        const began = performance.now();
        const watch = new MutationObserver(() => {
          if (asked() !== before) {
            watch.disconnect();
            requestAnimationFrame(() => resolve(performance.now() - began));
          }
        });
        watch.observe(document.body, { childList: true, subtree: true, characterData: true });
        const key = { key: "Enter", bubbles: true, cancelable: true };
        (document.querySelector("#task-heading") ?? document.body).dispatchEvent(new KeyboardEvent("keydown", key));
      }),
  );
}

/** Waits until the next task is there, claimed ahead. */
async function ahead(page: Page, act: () => Promise<unknown>): Promise<void> {
  const claimed = page.waitForResponse((response) => response.url().includes("/api/ui/review_next"));
  await act();
  await claimed;
}

test.beforeEach(({ javaScriptEnabled }, info) => {
  const plain = info.titlePath.includes("without JavaScript");
  test.skip(!javaScriptEnabled && !plain, "keys need scripts; the plain form has a test of its own");
});

test("ten tasks are reviewed by keyboard alone", async ({ page, owner, open, axe }) => {
  await owner();
  const queue = await fillQueue(page, 12);
  await ahead(page, () => open(review(queue)));
  await expect(page.getByRole("heading", { name: "Refund safety" })).toBeVisible();
  await expect(heading(page)).toHaveText("Turn 4 of 6");
  await expect(page.locator(".turn--target")).toBeInViewport();
  await expect(page.getByText(/^Question 2 of chat-/)).toBeVisible();
  await axe(page);

  const seen = new Set<string | undefined>();
  const took: number[] = [];
  for (let done = 1; done <= 10; done++) {
    seen.add(await session(page));
    await page.keyboard.press("3");
    await expect(page.getByRole("radio", { name: "Yes" })).toBeChecked();
    await page.keyboard.press("4");
    await expect(page.getByRole("radio", { name: "4", exact: true })).toBeChecked();
    await page.keyboard.press("c");
    await page.keyboard.type("see u, s, e, 1 and 2");
    await expect(page.getByLabel("Comment")).toHaveValue("see u, s, e, 1 and 2");
    await page.keyboard.press("Escape");
    await expect(page.getByLabel("Comment")).not.toBeFocused();
    await ahead(page, async () => took.push(await submit(page)));
    await expect(counts(page)).toContainText(`${done}/12`);
    await expect(page.getByRole("status").filter({ hasText: `Saved, ${done} of 12` })).toBeAttached();
    await expect(heading(page)).toBeFocused();
  }
  expect(seen.size).toBe(10);
  took.sort((a, b) => a - b);
  test.info().annotations.push({ type: "submit to next task, ms", description: took.map((ms) => ms.toFixed(0)).join(" ") });
  expect(took[5]).toBeLessThan(100);

  const stored = await reviews(page, queue);
  expect(stored).toHaveLength(10);
  expect(stored[0].answers).toEqual({ resolved: "yes", tone: 4, comment: "see u, s, e, 1 and 2" });
  expect(stored[0]).toMatchObject({ exposure: "blind", rubric_version: 1 });
  expect(stored.every((one) => one.active_ms > 0 && one.active_ms < 60_000)).toBe(true);
});

test("a review is taken back, a task is skipped, a required answer is asked for", async ({ page, owner, open }) => {
  await owner();
  const queue = await fillQueue(page, 3);
  await ahead(page, () => open(review(queue)));
  await page.keyboard.press("Enter");
  await expect(page.getByText("an answer is required", { exact: true })).toBeVisible();
  await expect(page.getByRole("group", { name: "Was the request resolved?" })).toBeFocused();

  const first = await session(page);
  await page.keyboard.press("1");
  await page.keyboard.press("5");
  await ahead(page, () => submit(page));
  await expect(counts(page)).toContainText("1/3");
  expect(await session(page)).not.toBe(first);

  await page.keyboard.press("u");
  await expect(counts(page)).toContainText("0/3");
  expect(await session(page)).toBe(first);
  await expect(page.getByRole("radio", { name: "No", exact: true })).toBeChecked();
  await expect(page.getByRole("radio", { name: "5" })).toBeChecked();
  expect(await reviews(page, queue)).toHaveLength(0);
  await page.getByRole("radio", { name: "Partly" }).check();
  await ahead(page, () => submit(page));
  await expect(counts(page)).toContainText("1/3");

  const skipped = await session(page);
  await ahead(page, () => page.keyboard.press("s"));
  await expect.poll(() => session(page)).not.toBe(skipped);
  await page.keyboard.press("2");
  await submit(page);
  await expect(page.getByRole("heading", { name: "Nothing left for you" })).toBeVisible();
  await expect(page.getByText("2 of 3 tasks are done, 2 of the reviews are yours.")).toBeVisible();
  expect((await reviews(page, queue)).map((one) => one.answers.resolved)).toEqual(["partly", "partly"]);
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/\/queues$/);
});

test("what is on its way when one leaves arrives all the same", async ({ page, owner, open, complaints }) => {
  complaints.allow(/ERR_FAILED/);
  await owner();
  const queue = await fillQueue(page, 3);
  await ahead(page, () => open(review(queue)));
  await page.keyboard.press("1");
  await page.keyboard.press("5");
  await page.route("**/api/ui/review_submit*", (route) => route.abort());
  await submit(page);
  await expect(page.getByText("The server cannot be reached.")).toBeVisible();
  // The draft of the next task is not saved yet; leaving saves it.
  const kept = page.waitForResponse((response) => response.url().includes("/api/ui/review_keep"));
  await page.keyboard.press("2");
  await page.keyboard.press("Escape");
  await kept;
  await expect(page).toHaveURL(/\/queues$/);
  await expect(page.getByText("The server cannot be reached.").first(), "it is said wherever one goes").toBeVisible();
  let claimed = 0;
  page.on("request", (asked) => (claimed += asked.url().includes("/api/ui/review_next") ? 1 : 0));
  const arrived = page.waitForResponse((response) => response.url().includes("/api/ui/review_submit"));
  await page.unroute("**/api/ui/review_submit*");
  await (await arrived).finished();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
  expect((await reviews(page, queue)).map((one) => one.answers.resolved)).toEqual(["no"]);
  expect(claimed, "no task is claimed for a page that is left").toBe(0);
});

test("a task whose answers are on their way is not shown again", async ({ page, owner, open, complaints }) => {
  complaints.allow(/ERR_FAILED/);
  await owner();
  const queue = await fillQueue(page, 2);
  await ahead(page, () => open(review(queue)));
  const answered = await session(page);
  await page.keyboard.press("1");
  await page.keyboard.press("5");
  await page.route("**/api/ui/review_submit*", (route) => route.abort());
  await submit(page);
  await expect(page.getByText("The server cannot be reached.")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/\/queues$/);
  await page.getByRole("link", { name: /^Review/ }).first().click();
  await expect(page.getByRole("heading", { name: "Refund safety" })).toBeVisible();
  await expect(page.locator(".review__wait")).toBeVisible();
  await page.unroute("**/api/ui/review_submit*");
  await expect(heading(page)).toBeVisible();
  expect(await session(page)).not.toBe(answered);
  await expect(counts(page)).toContainText("1/2");
});

test("a reload keeps what was begun, also before it could be saved", async ({ page, owner, open }) => {
  await owner();
  const queue = await fillQueue(page, 2);
  await open(review(queue));
  const task = await session(page);
  await page.keyboard.press("2");
  const kept = page.waitForResponse(
    (response) => response.url().includes("/api/ui/review_keep") && !!response.request().postData()?.includes("half"),
  );
  await page.getByLabel("Comment").fill("half a thought");
  await kept;
  await page.evaluate(() => localStorage.clear());
  await open(review(queue));
  expect(await session(page)).toBe(task);
  await expect(page.getByRole("radio", { name: "Partly" })).toBeChecked();
  await expect(page.getByLabel("Comment")).toHaveValue("half a thought");

  await page.getByLabel("Comment").fill("a whole thought");
  await open(review(queue));
  await expect(page.getByLabel("Comment")).toHaveValue("a whole thought");
});

test("a lost connection loses no answer", async ({ page, owner, open, context, complaints }) => {
  await owner();
  const queue = await fillQueue(page, 3);
  await ahead(page, () => open(review(queue)));
  complaints.allow(/ERR_INTERNET_DISCONNECTED/);
  await context.setOffline(true);
  await page.keyboard.press("3");
  await submit(page);
  await expect(page.getByText("The server cannot be reached.")).toBeVisible();
  await page.keyboard.press("1");
  await context.setOffline(false);
  await expect(counts(page)).toContainText("1/3", { timeout: 10_000 });
  await expect(page.getByText("The server cannot be reached.")).toBeHidden();
  await expect(page.getByRole("radio", { name: "No", exact: true })).toBeChecked();
  expect((await reviews(page, queue))[0].answers.resolved).toBe("yes");
});

test("two people at once never get the same task", async ({ page, owner, open, browser, waitHydrated }) => {
  await owner();
  const queue = await fillQueue(page, 6);
  const rita = await another(page, browser);
  await ahead(page, () => open(review(queue)));
  await ahead(rita, () => rita.goto(review(queue)));
  await waitHydrated(rita);
  for (let round = 0; round < 3; round++) {
    expect(await session(page)).not.toBe(await session(rita));
    for (const who of [page, rita]) {
      await who.keyboard.press("3");
      await ahead(who, () => submit(who));
    }
  }
  await expect(page.getByRole("heading", { name: "Nothing left for you" })).toBeVisible();
  await expect(rita.getByRole("heading", { name: "Nothing left for you" })).toBeVisible();
  const stored = await reviews(page, queue);
  expect(new Set(stored.map((one) => one.task.id)).size).toBe(6);
  expect(new Set(stored.map((one) => one.reviewer_name))).toEqual(new Set(["Ada Lovelace", "Rita"]));
  await rita.context().close();
});

test("what a judge said is nowhere while the queue is blind, and beside the questions when it is not", async ({ page, owner, open }) => {
  await owner();
  const queue = await fillQueue(page, 3);
  const answers: Promise<string>[] = [];
  const assets = (address: string) => new URL(address).pathname.startsWith("/assets/");
  page.on("response", (response) => {
    if (!assets(response.url())) answers.push(response.text().catch(() => ""));
  });
  await ahead(page, () => open(review(queue)));
  await page.keyboard.press("1");
  await ahead(page, () => submit(page));
  for (const told of [await page.content(), ...(await Promise.all(answers))]) {
    expect(told).not.toContain(VERDICT);
    expect(told).not.toContain("probability");
  }
  // Of a session that does not wait in the blind queue as well.
  const open_queue = await fillQueue(page, 1, { name: "In the open", blind: false }, 4);
  await open(review(open_queue));
  await expect(page.getByText(VERDICT).first()).toBeVisible();
});

test("single keys can be turned off", async ({ page, owner, open }) => {
  await owner();
  const queue = await fillQueue(page, 2);
  await page.request.post("/api/ui/preferences_save", { form: { theme: "dark", density: "comfortable", single_keys: "off" } });
  await ahead(page, () => open(review(queue)));
  await page.keyboard.press("3");
  await expect(page.getByRole("radio", { name: "Yes" })).not.toBeChecked();
  await expect(page.locator(".offer .key").first()).toBeHidden();
  await page.getByRole("radio", { name: "Yes" }).check();
  await page.keyboard.press("Control+Enter");
  await expect(counts(page)).toContainText("1/2");
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("everything fits", async ({ page, owner, open, axe }) => {
    await owner();
    const queue = await fillQueue(page, 1);
    await open(review(queue));
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await expect(page.getByRole("button", { name: "Submit" })).toBeInViewport();
    await axe(page);
  });
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a plain form submits, says what is missing, skips and takes back", async ({ page, owner, open, axe }) => {
    await owner();
    const queue = await fillQueue(page, 2);
    await open(review(queue));
    await axe(page);
    const first = await session(page);
    await page.getByLabel("Comment").fill("written without scripts");
    await page.getByRole("button", { name: "Submit" }).click();
    await expect(page.getByRole("alert").filter({ hasText: /answer is required/i })).toBeVisible();
    await expect(page.getByLabel("Comment")).toHaveValue("written without scripts");
    await page.getByRole("radio", { name: "Yes" }).check();
    await page.getByRole("button", { name: "Submit" }).click();
    await expect(counts(page)).toContainText("1/2");
    expect(await session(page)).not.toBe(first);
    expect((await reviews(page, queue))[0].answers).toEqual({ resolved: "yes", comment: "written without scripts" });

    await page.getByRole("button", { name: "Undo" }).click();
    expect(await session(page)).toBe(first);
    await expect(page.getByRole("radio", { name: "Yes" })).toBeChecked();
    await page.getByRole("button", { name: "Submit" }).click();
    await page.getByRole("button", { name: "Skip" }).click();
    await expect(page.getByRole("heading", { name: "Nothing left for you" })).toBeVisible();
  });
});

/** Rita, a reviewer, in a browser of her own. */
async function another(page: Page, browser: Browser): Promise<Page> {
  const invited = await page.request.post("/api/ui/invitation_create", { form: { project: "support-bot", role: "reviewer" } });
  const { token } = await invited.json();
  const context = await browser.newContext({ baseURL: new URL(page.url()).origin });
  const form = { token, email: "rita@example.com", name: "Rita", password: "correct horse battery staple" };
  const joined = await context.request.post("/api/ui/invitation_accept_new", { form });
  expect(joined.ok(), await joined.text()).toBe(true);
  return context.newPage();
}
