// Settings: keys are shown once, roles are given and taken, preferences stay.
import { expect, OWNER, test } from "../support/test.ts";

const SETTINGS = "/p/support-bot/settings";

test("an API key is shown once, works, and is refused after it was revoked", async ({ page, owner, open, request, server, axe }) => {
  await owner();
  await open(`${SETTINGS}/keys`);
  await expect(page.getByRole("heading", { name: "No keys yet" })).toBeVisible();
  await axe(page);
  await page.getByRole("link", { name: "New key" }).click();
  await page.getByLabel("Name").fill("Production");
  await page.getByRole("checkbox", { name: "Read" }).check();
  await page.getByRole("button", { name: "Create key" }).click();

  const secret = (await page.getByTestId("new-key").locator("code").textContent()) ?? "";
  expect(secret).toMatch(/^tw_[0-9A-Za-z]{43}$/);
  await expect(page).toHaveURL(/settings\/keys$/);
  const row = page.getByRole("row", { name: "Production" });
  await expect(row).toContainText("ingest");
  await expect(row).toContainText("read");
  await expect(row).toContainText("never");
  await axe(page);

  const members = () => request.get(`${server.url}/api/v1/members`, { headers: { authorization: `Bearer ${secret}` } });
  expect((await members()).status()).not.toBe(401);

  await open(`${SETTINGS}/keys`);
  await expect(page.getByText(secret)).toHaveCount(0);
  await row.getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByRole("heading", { name: "Revoke Production?" })).toBeVisible();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(row).toContainText("revoked");
  await expect(page.getByRole("status").filter({ hasText: "Key revoked" })).toBeVisible();
  await expect.poll(async () => (await members()).status(), { timeout: 8_000 }).toBe(401);
});

test("a key without a scope is refused, and the form says why", async ({ page, owner, open, complaints }) => {
  complaints.allow(/422/);
  await owner();
  await open(`${SETTINGS}/keys?new`);
  await page.getByLabel("Name").fill("Useless");
  await page.getByLabel("Ingest").uncheck();
  await page.getByRole("button", { name: "Create key" }).click();
  await expect(page.getByText("Choose at least one scope for the key.")).toBeVisible();
});

test("asked whether to revoke, one may say no", async ({ page, owner, open }) => {
  await owner();
  await open(`${SETTINGS}/keys?new`);
  await page.getByLabel("Name").fill("Kept");
  await page.getByRole("button", { name: "Create key" }).click();
  await expect(page.getByTestId("new-key")).toBeVisible();
  await page.getByRole("button", { name: "Revoke Kept" }).click();
  await expect(page.getByRole("heading", { name: "Revoke Kept?" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("heading", { name: "Revoke Kept?" })).toBeHidden();
  await expect(page.getByRole("button", { name: "Revoke Kept" })).toBeFocused();
});

test("the last owner stays owner", async ({ page, owner, open, complaints, javaScriptEnabled }) => {
  complaints.allow(/409/);
  await owner();
  await open(`${SETTINGS}/members`);
  await page.getByLabel(`Role of ${OWNER.name}`).selectOption("viewer");
  if (!javaScriptEnabled) await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "A project needs an owner" })).toBeVisible();
});

test("an invitation can be withdrawn", async ({ page, owner, open, axe }) => {
  await owner();
  await open(`${SETTINGS}/members?new`);
  await page.getByRole("button", { name: "Create link" }).click();
  await expect(page.getByTestId("new-invitation")).toBeVisible();
  await axe(page);
  await page.getByRole("button", { name: "Withdraw the invitation as reviewer" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Withdraw" }).click();
  await expect(page.getByRole("table", { name: "Open invitations" })).toHaveCount(0);
});

test("a project can be renamed; its address stays", async ({ page, owner, open, axe }) => {
  await owner();
  await open(`${SETTINGS}/project`);
  await axe(page);
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Support bot EU");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("navigation", { name: "Main" })).toContainText("Support bot EU");
  await expect(page.getByRole("status").filter({ hasText: "Saved" })).toBeVisible();
  await expect(page).toHaveURL(/\/p\/support-bot\/settings\/project/);
});

test("the password can be changed by whoever knows the old one", async ({ page, owner, open, complaints, axe }) => {
  complaints.allow(/422/);
  await owner();
  await open(`${SETTINGS}/account`);
  await axe(page);
  await page.getByLabel("Current password").fill("not the password");
  await page.getByLabel("New password").fill("another horse battery");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("The current password is wrong.")).toBeVisible();

  await page.getByLabel("Current password").fill(OWNER.password);
  await page.getByLabel("New password").fill("another horse battery");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Password changed" })).toBeVisible();
});

test("the theme is as chosen from the first paint on", async ({ page, owner, open, javaScriptEnabled, axe }) => {
  await owner();
  await open(`${SETTINGS}/appearance`);
  await axe(page);
  await page.getByRole("radio", { name: /^Dark/ }).check();
  if (javaScriptEnabled) {
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await expect.poll(async () => (await page.context().cookies()).some((cookie) => cookie.value.startsWith("dark."))).toBe(true);
  } else {
    await page.getByRole("button", { name: "Save" }).click();
  }
  const answer = await page.goto("/p/support-bot/sessions");
  expect(await answer?.text()).toContain('data-theme="dark"');
  await axe(page);
});
