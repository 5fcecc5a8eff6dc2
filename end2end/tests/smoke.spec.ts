// The binary starts on an empty folder, says that it is well, and leads to the set-up page.
import { expect, test } from "../support/test.ts";

test("the server says that it is well", async ({ request, server }) => {
  const answer = await request.get(`${server.url}/healthz`);
  expect(answer.status()).toBe(200);
});

test("an empty installation leads to the set-up page", async ({ page, open, axe }) => {
  await open("/");
  await expect(page).toHaveURL(/\/setup$/);
  await expect(page.locator("h1")).toBeVisible();
  await axe(page);
});
