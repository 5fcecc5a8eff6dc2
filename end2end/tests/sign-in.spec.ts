// Signing in and out, being sent to sign in and back, invitations.
import type { Page } from "@playwright/test";
import { expect, OWNER, signIn, test } from "../support/test.ts";

test("who is not signed in is asked to, and then gets what they wanted", async ({ page, owner, waitHydrated, axe }) => {
  await owner();
  await signOut(page);
  await page.goto("/p/support-bot/settings/keys");
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await waitHydrated(page);
  await axe(page);
  await page.getByLabel("E-mail").fill(OWNER.email);
  await page.getByLabel("Password").fill(OWNER.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/p\/support-bot\/settings\/keys$/);
});

test("a wrong password is refused beside the form, without telling which half was wrong", async ({ page, owner, waitHydrated, complaints, axe }) => {
  complaints.allow(/422/);
  await owner();
  await signOut(page);
  await waitHydrated(page);
  for (const email of [OWNER.email, "nobody@example.com"]) {
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("alert")).toHaveText("The e-mail address or the password is wrong.");
  }
  await axe(page);
});

test("signing out ends it for every page", async ({ page, owner }) => {
  await owner();
  await signOut(page);
  await page.goto("/p/support-bot/sessions");
  await expect(page).toHaveURL(/\/sign-in/);
});

test("one does not leave this server by signing in", async ({ page, owner, waitHydrated }) => {
  await owner();
  await signOut(page);
  await page.goto("/sign-in?next=//example.com/");
  await waitHydrated(page);
  await page.getByLabel("E-mail").fill(OWNER.email);
  await page.getByLabel("Password").fill(OWNER.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/p\/support-bot\/sessions$/);
});

test("an invited person makes an account and joins with the role that was offered", async ({ page, owner, open, browser, server, waitHydrated, axe, javaScriptEnabled }) => {
  await owner();
  await open("/p/support-bot/settings/members?new");
  await page.getByLabel("Role", { exact: true }).selectOption("reviewer");
  await page.getByRole("button", { name: "Create link" }).click();
  const link = (await page.getByTestId("new-invitation").locator("code").textContent()) ?? "";
  expect(link).toMatch(new RegExp(`^${server.url}/invite/`));
  await expect(page.getByRole("table", { name: "Open invitations" })).toContainText("reviewer");

  const context = await browser.newContext({ javaScriptEnabled });
  const guest = await context.newPage();
  await guest.goto(link);
  await waitHydrated(guest);
  await expect(guest.getByRole("heading", { name: "Join Support bot" })).toBeVisible();
  await axe(guest);
  await guest.getByLabel("E-mail").fill("grace@example.com");
  await guest.getByLabel("Your name").fill("Grace Hopper");
  await guest.getByLabel("Password").fill("a ship in port is safe");
  await guest.getByRole("button", { name: "Create account and join" }).click();
  await expect(guest).toHaveURL(/\/p\/support-bot\/sessions$/);

  await guest.goto(`${server.url}/p/support-bot/settings/keys`);
  await expect(guest.getByRole("heading", { name: "This is not for your role" })).toBeVisible();
  await context.close();

  await open("/p/support-bot/settings/members");
  await expect(page.getByRole("row", { name: "Grace Hopper" })).toBeVisible();
});

test("a link that was never an invitation says so", async ({ page, owner, open, complaints }) => {
  complaints.allow(/404/);
  await owner();
  await open("/invite/0000000000000000000000000000000000000000000");
  await expect(page.getByRole("heading", { name: "There is no such invitation" })).toBeVisible();
});

test("the second start has nothing to set up", async ({ page, owner }) => {
  await owner();
  await page.goto("/setup");
  await expect(page).toHaveURL(/\/p\/support-bot\/sessions$/);
  await signOut(page);
  await page.goto("/setup");
  await expect(page).toHaveURL(/\/sign-in$/);
});

test("a person who signs in again is where the work is", async ({ page, owner, waitHydrated }) => {
  await owner();
  await signOut(page);
  await signIn(page, OWNER, waitHydrated);
  await expect(page).toHaveURL(/\/p\/support-bot\/sessions$/);
});

async function signOut(page: Page): Promise<void> {
  await page.locator("summary").filter({ hasText: OWNER.name }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
}
