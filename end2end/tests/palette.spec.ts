// The command palette and the keys. Both are for JavaScript; without it nothing of them is in the way.
import type { Page } from "@playwright/test";
import { expect, test } from "../support/test.ts";

const palette = (page: Page) => page.getByRole("dialog", { name: "Go to or run" });

test.describe("with JavaScript", () => {
  test.skip(({ javaScriptEnabled }) => javaScriptEnabled === false, "the palette needs JavaScript");

  test("Ctrl K finds a page by a few letters and goes there", async ({ page, owner, axe }) => {
    await owner();
    await page.keyboard.press("Control+k");
    await expect(palette(page)).toBeVisible();
    await axe(page);
    await page.keyboard.type("api");
    await expect(page.getByRole("option", { selected: true })).toContainText("API key");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.type(" keys");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/settings\/keys/);
    await expect(palette(page)).toBeHidden();
  });

  test("Escape closes it and the focus is where it was", async ({ page, owner }) => {
    await owner();
    const key = page.getByRole("link", { name: "Create an API key" });
    await key.focus();
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("combobox")).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(palette(page)).toBeHidden();
    await expect(key).toBeFocused();
  });

  test("a session's id opens that session", async ({ page, owner, complaints }) => {
    await owner();
    // There is no such session, which its page says.
    complaints.allow(/status of 404/);
    await page.keyboard.press("Control+k");
    await page.keyboard.type("0198c0de-1111-7000-8000-000000000000");
    await expect(page.getByRole("option").first()).toContainText("Open session 0198c0de");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/p\/support-bot\/sessions\/0198c0de-1111-7000-8000-000000000000$/);
    await expect(page.getByRole("heading", { name: "There is no such session" })).toBeVisible();
  });

  test("it runs actions", async ({ page, owner }) => {
    await owner();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("dark");
    await page.keyboard.press("Enter");
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("sign out");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/sign-in$/);
  });

  test("what is not found is said", async ({ page, owner }) => {
    await owner();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("qqqq");
    await expect(palette(page)).toContainText("Nothing is called that");
  });

  test("? lists the keys, and g s goes to the sessions", async ({ page, owner, open, axe }) => {
    await owner();
    await open("/p/support-bot/settings/members");
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keys of this page" });
    await expect(help).toContainText("Go to Sessions");
    await axe(page);
    await page.keyboard.press("Escape");
    await expect(help).toBeHidden();
    await page.keyboard.press("g");
    await page.keyboard.press("s");
    await expect(page).toHaveURL(/\/sessions$/);
  });

  test("typing in a text field never triggers a key", async ({ page, owner, open }) => {
    await owner();
    await open("/p/support-bot/settings/keys?new");
    const name = page.getByLabel("Name");
    await name.focus();
    await page.keyboard.type("? gs");
    await expect(name).toHaveValue("? gs");
    await expect(page.getByRole("dialog", { name: "Keys of this page" })).toBeHidden();
    await expect(page).toHaveURL(/settings\/keys/);
  });

  test("single keys can be turned off; Ctrl K stays", async ({ page, owner, open }) => {
    await owner();
    await open("/p/support-bot/settings/appearance");
    await page.getByRole("group", { name: "Single-key shortcuts" }).getByLabel("Off").check();
    await page.locator("body").click({ position: { x: 700, y: 800 } });
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog", { name: "Keys of this page" })).toBeHidden();
    await page.keyboard.press("Control+k");
    await expect(palette(page)).toBeVisible();
  });
});

test.describe("without JavaScript", () => {
  test.skip(({ javaScriptEnabled }) => javaScriptEnabled !== false, "with JavaScript it is there");

  test("no button is shown that would do nothing", async ({ page, owner }) => {
    await owner();
    await expect(page.getByRole("button", { name: /Go to/ })).toHaveCount(0);
    await expect(page.getByRole("button", { name: /^Copy/ })).toHaveCount(0);
  });
});
