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
  await delayAnswers(page, 400, next);
  for (let step = 0; step < 120; step++) {
    await page.evaluate((pick) => {
      const leads = ["/sign-out", "/files/"];
      const links = [...document.querySelectorAll<HTMLAnchorElement>('a[href^="/p/"]')];
      const safe = links.filter((link) => !leads.some((part) => link.getAttribute("href")!.includes(part)) && !link.download);
      safe[Math.floor(pick * safe.length)]?.click();
      if (pick < 0.1) history.back();
    }, next());
    await page.waitForTimeout(next() * next() * 300);
  }
  for (const [entry, title] of [["Rules", "Rules"], ["Evaluators", "Evaluators"], ["Settings", "Members"], ["Sessions", "Sessions"]]) {
    await page.goto("/p/support-bot/queues");
    await page.waitForSelector("html[data-hydrated=true]", { state: "attached" });
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: entry, exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
    await expect(page).toHaveTitle(`${title} · Turnwise`);
    await page.goBack();
    await expect(page.getByRole("heading", { level: 1, name: "Queues" })).toBeVisible();
    await expect(page).toHaveTitle("Queues · Turnwise");
  }
});
