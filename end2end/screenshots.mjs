// Pictures of every page at both sizes, light and dark, in end2end/screenshots, and what is wrong with each: layout
// shift, console errors, sideways scrolling.
//
//   CHROMIUM_PATH=/usr/bin/chromium node screenshots.mjs URL EMAIL PASSWORD [PATH…]
//
// Follows the links of the pages it sees, one page of each kind, and takes the PATHs as well. Without EMAIL and
// PASSWORD it sees what the public sees. Ends with 1 when something is wrong.
import { mkdirSync, rmSync } from "node:fs";
import { chromium } from "@playwright/test";
import { CHROMIUM_ARGUMENTS } from "./support/chromium.js";

const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };
const SCHEMES = ["light", "dark"];
const MOST_PAGES = 80;
/** Core Web Vitals call a cumulative layout shift of 0.1 good; a page that is rendered on the server has no excuse. */
const MOST_SHIFT = 0.02;

const [base, email, password, ...more] = process.argv.slice(2);
if (!base) {
  console.error("usage: node screenshots.mjs URL [EMAIL PASSWORD [PATH…]]");
  process.exit(2);
}
const folder = new URL("./screenshots/", import.meta.url).pathname;
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH, args: CHROMIUM_ARGUMENTS });
const problems = [];
try {
  await shootAll("public", undefined, ["/sign-in", "/setup"], false);
  if (email && password) {
    const state = await signedIn();
    const pages = await crawl(state, ["/", ...more]);
    console.log(`${pages.length} pages: ${pages.join(" ")}`);
    await shootAll("inside", state, pages, true);
  }
} finally {
  await browser.close();
}
console.log(problems.length ? `\n${problems.length} problems:\n${problems.join("\n")}` : "\nno problems");
process.exit(problems.length ? 1 : 0);

async function signedIn() {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(new URL("/sign-in", base).href);
  await hydrated(page);
  await page.locator('[name="email"]').fill(email);
  await page.locator('[name="password"]').fill(password);
  await page.locator('form:has([name="password"]) button[type="submit"]').click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  const state = await context.storageState();
  await context.close();
  return state;
}

/** One address of each kind: ids in the path do not make another kind. */
async function crawl(state, starts) {
  const context = await browser.newContext({ storageState: state });
  const page = await context.newPage();
  const kinds = new Map();
  const waiting = [...starts];
  while (waiting.length && kinds.size < MOST_PAGES) {
    const path = waiting.shift();
    if (kinds.has(kind(path))) continue;
    const answer = await page.goto(new URL(path, base).href);
    const landed = new URL(page.url());
    kinds.set(kind(path), null);
    if (!answer?.headers()["content-type"]?.includes("text/html") || landed.origin !== new URL(base).origin) continue;
    kinds.set(kind(landed.pathname), landed.pathname + landed.search);
    const links = await page.locator("a[href]:not([download])").evaluateAll((found) => found.map((link) => link.href));
    for (const link of links.map((href) => new URL(href))) {
      if (link.origin === landed.origin && !kinds.has(kind(link.pathname))) waiting.push(link.pathname + link.search);
    }
  }
  await context.close();
  return [...new Set(kinds.values())].filter(Boolean);
}

function kind(path) {
  return path
    .replace(/[?#].*$/, "")
    .split("/")
    .map((part) => (/^[0-9a-f-]{16,}$|^\d+$/i.test(part) ? ":id" : part))
    .join("/");
}

async function shootAll(prefix, state, paths, inside) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of SCHEMES) {
      const context = await browser.newContext({ storageState: state, viewport, colorScheme });
      await context.addInitScript(watchShifts);
      for (const path of paths) await shoot(context, `${prefix}${kind(path).replaceAll(/[/:]+/g, "-")}`, path, `${size}-${colorScheme}`, inside);
      await context.close();
    }
  }
}

async function shoot(context, name, path, variant, inside) {
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => message.type() === "error" && wrong.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`uncaught: ${error.message}`));
  const answer = await page.goto(new URL(path, base).href);
  const landed = new URL(page.url()).pathname;
  if (landed !== new URL(path, base).pathname) {
    // Not signed in, an installed Turnwise has no set-up page; inside, every page must be reachable.
    if (inside) problems.push(`${path} ${variant}: leads to ${landed}`);
    await page.close();
    return;
  }
  if (!answer?.ok()) wrong.push(`status ${answer?.status()}`);
  if (!(await hydrated(page))) wrong.push("not hydrated");
  await page.waitForLoadState("networkidle");
  const { shift, sideways, widest } = await page.evaluate(measure);
  if (shift > MOST_SHIFT) wrong.push(`layout shift ${shift.toFixed(3)}`);
  if (sideways > 0) wrong.push(`scrolls sideways by ${sideways} px (${widest})`);
  await page.screenshot({ path: `${folder}${name}-${variant}.png` });
  console.log(`${path} ${variant}: shift ${shift.toFixed(3)}${wrong.length ? ` — ${wrong.join("; ")}` : ""}`);
  problems.push(...wrong.map((what) => `${path} ${variant}: ${what}`));
  await page.close();
}

async function hydrated(page) {
  const html = page.locator("html[data-hydrated=true]");
  return html.waitFor({ state: "attached", timeout: 10_000 }).then(() => true, () => false);
}

/** Runs in the page, before anything else. */
function watchShifts() {
  window.shiftSoFar = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shiftSoFar += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
}

/** Runs in the page, at the end. */
function measure() {
  const root = document.documentElement;
  const sideways = root.scrollWidth - root.clientWidth;
  const wide = [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1);
  const last = wide.at(-1);
  const widest = last ? `${last.tagName.toLowerCase()}.${last.className?.baseVal ?? last.className}` : "";
  return { shift: window.shiftSoFar ?? 0, sideways, widest };
}
