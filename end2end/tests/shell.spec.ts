// What surrounds every page: the frame, the rail, the ways to get lost and back, the look.
import { expect, test } from "../support/test.ts";

const HOME = "/p/support-bot/sessions";

test("the first start makes the owner, the project, and leads to its sessions", async ({ page, owner, axe }) => {
  await owner();
  await expect(page).toHaveURL(new RegExp(`${HOME}$`));
  await expect(page).toHaveTitle("Sessions · Turnwise");
  await expect(page.getByRole("heading", { level: 1, name: "Sessions" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "No sessions yet" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Create an API key" })).toBeVisible();
  await axe(page);
});

test("the empty page says where to send sessions, with this server's own address", async ({ page, owner, server }) => {
  await owner();
  await expect(page.getByText(`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=${server.url}/v1/traces`)).toBeVisible();
  await expect(page.getByText("turnwise import --project support-bot")).toBeVisible();
});

test("the rail marks the page that is open", async ({ page, owner, open }) => {
  await owner();
  const rail = page.getByRole("navigation", { name: "Main" });
  await expect(rail.getByRole("link", { name: "Sessions" })).toHaveAttribute("aria-current", "page");
  await open("/p/support-bot/settings/keys");
  await expect(rail.getByRole("link", { name: "Settings" })).toHaveAttribute("aria-current", "page");
  await expect(rail.getByRole("link", { name: "Sessions" })).not.toHaveAttribute("aria-current", "page");
});

test("on a phone the rail opens over the page and leads on", async ({ page, owner, axe }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await owner();
  const rail = page.getByRole("navigation", { name: "Main" });
  await expect(rail).toBeHidden();
  await page.getByRole("button", { name: "Navigation" }).click();
  await expect(rail).toBeVisible();
  await axe(page);
  await rail.getByRole("link", { name: "Settings" }).click();
  await expect(page).toHaveURL(/settings\/members$/);
  await expect(rail).toBeHidden();
});

test("the project menu opens, and another project has its own pages", async ({ page, owner, open, waitHydrated }) => {
  await owner();
  await open("/projects?new");
  await page.getByLabel("Name").fill("Shop assistant");
  await page.getByRole("button", { name: "Create project" }).click();
  await expect(page).toHaveURL(/\/p\/shop-assistant\/sessions$/);
  await waitHydrated(page);
  await page.locator("summary").filter({ hasText: "Shop assistant" }).click();
  await page.getByRole("link", { name: "Support bot" }).click();
  await expect(page).toHaveURL(new RegExp(`${HOME}$`));
});

test("an address that leads nowhere says so, inside and outside of a project", async ({ page, owner, open, complaints, axe }) => {
  complaints.allow(/404/);
  await owner();
  for (const nowhere of ["/p/support-bot/nothing-here", "/nothing-here"]) {
    const answer = await page.goto(nowhere);
    expect(answer?.status(), nowhere).toBe(404);
    await expect(page.getByRole("heading", { name: "There is no such page" })).toBeVisible();
  }
  const answer = await page.goto("/p/somebody-elses/sessions");
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("heading", { name: "There is no such project" })).toBeVisible();
  await axe(page);
  await open("/");
  await expect(page).toHaveURL(new RegExp(`${HOME}$`));
});

test("the first key press offers to skip the rail", async ({ page, owner }) => {
  await owner();
  await page.goto(HOME);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("#content")).toBeFocused();
});

test("times are relative, and exact for programs and on hover", async ({ page, owner, open }) => {
  await owner();
  await open("/p/support-bot/settings/members");
  const joined = page.getByRole("row", { name: "Ada Lovelace" }).locator("time");
  await expect(joined).toHaveText(/just now|s ago/);
  await expect(joined).toHaveAttribute("datetime", /^\d{4}-\d\d-\d\dT.*Z$/);
  await expect(joined).toHaveAttribute("title", /\d\d:\d\d:\d\d/);
});

test("after a move the focus is at the beginning of the new page", async ({ page, owner, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "without JavaScript each move is a page load");
  await owner();
  await page.getByRole("link", { name: "Settings" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Members" })).toBeVisible();
  await expect(page.locator("#content")).toBeFocused();
});

test("nothing inline is needed: the policy forbids it", async ({ page, owner }) => {
  await owner();
  const answer = await page.goto(HOME);
  const policy = answer?.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("script-src 'nonce-");
  expect(policy).not.toContain("unsafe-inline");
  expect(await page.locator("[style]").count()).toBe(0);
});
