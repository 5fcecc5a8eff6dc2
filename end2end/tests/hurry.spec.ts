// Hands that are quicker than the server: answers come late, out of order, or when their page is gone.
import type { Page } from "@playwright/test";
import { fillQueue } from "../support/queue.ts";
import { expect, test } from "../support/test.ts";

test.skip(({ javaScriptEnabled }) => !javaScriptEnabled, "without JavaScript pages come whole");

/** The same numbers in [0, 1) in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** Lets every answer of the interface wait for up to `most` milliseconds. */
async function delayAnswers(page: Page, most: number, next: () => number): Promise<void> {
  await page.route("**/api/ui/**", async (route) => {
    await new Promise((done) => setTimeout(done, next() * most));
    // The page may have been left, and the request with it.
    await route.continue().catch(() => undefined);
  });
}

test("a walk through all pages ends where one went last, under its name", async ({ page, owner, open }) => {
  test.slow();
  await owner();
  await fillQueue(page, 3);
  await open("/p/support-bot/sessions");
  const next = numbers(7);
  await delayAnswers(page, 400, numbers(11));
  for (let step = 0; step < 120; step++) {
    // Never further back than one came.
    if (step % 12 === 11) await page.evaluate(() => history.back());
    else {
      await page.evaluate((pick) => {
        const links = [...document.querySelectorAll<HTMLAnchorElement>('a[href^="/p/"]')];
        links[Math.floor(pick * links.length)]?.click();
      }, next());
    }
    await page.waitForTimeout(next() * next() * 300);
  }
  // The review page has no rail; Escape leads from there to the queues.
  const rail = page.getByRole("navigation", { name: "Main" });
  await expect(async () => {
    if ((await page.locator("main.review").count()) > 0) await page.keyboard.press("Escape");
    await expect(rail).toBeVisible({ timeout: 1_000 });
  }).toPass();
  for (const [entry, title] of [["Rules", "Rules"], ["Settings", "Members"], ["Evaluators", "Evaluators"], ["Sessions", "Sessions"]]) {
    await rail.getByRole("link", { name: "Queues", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Queues" })).toBeVisible();
    await expect(page).toHaveTitle("Queues · Turnwise");
    await rail.getByRole("link", { name: entry, exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
    await expect(page).toHaveTitle(`${title} · Turnwise`);
    await page.goBack();
    await expect(page.getByRole("heading", { level: 1, name: "Queues" }), "the way back is not a trap").toBeVisible();
  }
});
