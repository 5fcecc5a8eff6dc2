// What every test imports instead of Playwright's own `test`: a server of its own, a page that fails the test on
// anything the browser complains of, accessibility, waiting for hydration.
//
//   import { expect, test } from "../support/test.ts";
//   test("…", async ({ page, owner }) => { await owner(); … });
//
// Several tests of one file on one server: `startServer()` of support/server.ts in `beforeAll`, and
// `test.use({ baseURL })` is not needed: pass full addresses.
import AxeBuilder from "@axe-core/playwright";
import { type BrowserContext, expect, type Page, test as base } from "@playwright/test";
import { type Server, startServer } from "./server.ts";

/** Somebody with an account. */
export interface Person {
  name: string;
  email: string;
  password: string;
}

/** The owner that `owner()` makes, and the name of the first project. */
export const OWNER: Person & { project: string } = {
  name: "Ada Lovelace",
  email: "ada@example.com",
  password: "correct horse battery staple",
  project: "Support bot",
};

/** What the browser complained of. */
export class Complaints {
  private readonly found: string[] = [];
  private readonly expected: RegExp[] = [];

  /** From here on, complaints like this are expected. */
  allow(pattern: RegExp): void {
    this.expected.push(pattern);
  }

  /** Listens to all pages of a context, those opened later included. */
  listenTo(context: BrowserContext, scripts: boolean): void {
    context.on("console", (message) => {
      // Violations of the content security policy arrive here too.
      if (message.type() === "error") this.found.push(`console: ${message.text()} (${message.location().url})`);
    });
    context.on("weberror", (error) => this.found.push(`uncaught: ${error.error().message}`));
    context.on("requestfailed", (request) => {
      const why = request.failure()?.errorText ?? "";
      // Leaving a page cancels what it was still loading.
      const left = why === "net::ERR_ABORTED";
      // With scripts off, Chromium refuses to preload them, under this name.
      const preload = !scripts && why === "csp" && request.resourceType() === "script";
      if (!left && !preload) this.found.push(`request: ${request.url()} ${why}`);
    });
  }

  /** Those nobody expected. */
  unexpected(): string[] {
    return this.found.filter((complaint) => !this.expected.some((pattern) => pattern.test(complaint)));
  }
}

/** What tests can ask for. */
interface Fixtures {
  /** A server of this test alone, with an empty data directory; `page.goto("/…")` leads to it. */
  server: Server;
  /** Console errors, uncaught errors, policy violations: any that is not allowed fails the test. */
  complaints: Complaints;
  /** Makes the owner through the set-up page and leaves `page` signed in. */
  owner: () => Promise<typeof OWNER>;
  /** Fails on serious and critical accessibility problems of the page as it is now. */
  axe: (page: Page) => Promise<void>;
  /** Resolves when the page reacts to hands; at once without JavaScript. */
  waitHydrated: (page: Page) => Promise<void>;
  /** Opens an address and waits for hydration. */
  open: (address: string) => Promise<void>;
}

export const test = base.extend<Fixtures>({
  server: async ({}, use) => {
    const server = await startServer();
    await use(server);
    await server.stop();
  },
  baseURL: async ({ server }, use) => {
    await use(server.url);
  },
  complaints: async ({}, use) => {
    const complaints = new Complaints();
    await use(complaints);
    expect(complaints.unexpected(), "the browser complained").toEqual([]);
  },
  context: async ({ context, complaints, javaScriptEnabled }, use) => {
    complaints.listenTo(context, javaScriptEnabled ?? true);
    await use(context);
  },
  owner: async ({ page, waitHydrated }, use) => {
    await use(async () => {
      await bootstrapOwner(page, waitHydrated);
      return OWNER;
    });
  },
  axe: async ({ javaScriptEnabled }, use) => {
    await use((page) => (javaScriptEnabled ? checkAccessibility(page) : withScripts(page, checkAccessibility)));
  },
  waitHydrated: async ({ javaScriptEnabled }, use) => {
    await use(async (page) => {
      if (javaScriptEnabled) await page.locator("html[data-hydrated=true]").waitFor({ state: "attached" });
    });
  },
  open: async ({ page, waitHydrated }, use) => {
    await use(async (address) => {
      await page.goto(address);
      await waitHydrated(page);
    });
  },
});

export { expect };

/** Fills in the set-up page of an empty installation. */
export async function bootstrapOwner(page: Page, waitHydrated: (page: Page) => Promise<void>): Promise<void> {
  await page.goto("/setup");
  await waitHydrated(page);
  for (const field of ["email", "name", "password", "project"] as const) {
    await page.locator(`[name="${field}"]`).fill(OWNER[field]);
  }
  await page.locator('main button[type="submit"], form button[type="submit"]').first().click();
  await page.waitForURL((url) => url.pathname !== "/setup");
  await left(page);
  await waitHydrated(page);
}

/** Signs in through the page, and waits until it let one in. */
export async function signIn(page: Page, person: Person, waitHydrated: (page: Page) => Promise<void>): Promise<void> {
  await page.goto("/sign-in");
  await waitHydrated(page);
  await page.locator('[name="email"]').fill(person.email);
  await page.locator('[name="password"]').fill(person.password);
  await page.locator('form:has([name="password"]) button[type="submit"]').click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  await left(page);
  await waitHydrated(page);
}

/** The address changes first; the form goes when the next page is there, for which its part of the client may be loaded. */
async function left(page: Page): Promise<void> {
  await page.locator('form:has([name="password"])').waitFor({ state: "detached" });
}

/** axe itself needs scripts: it looks at what the page without them holds, in another context that allows them. */
async function withScripts(page: Page, look: (copy: Page) => Promise<void>): Promise<void> {
  const html = (await page.content()).replace(/<script\b[\s\S]*?<\/script>/gi, "").replace(/<\/?noscript\b[^>]*>/gi, "");
  const context = await page.context().browser()!.newContext({
    javaScriptEnabled: true,
    viewport: page.viewportSize(),
    storageState: await page.context().storageState(),
    reducedMotion: "reduce",
  });
  try {
    const copy = await context.newPage();
    const isPage = (url: URL) => url.href === page.url();
    await copy.route(isPage, (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: html }));
    await copy.goto(page.url());
    await look(copy);
  } finally {
    await context.close();
  }
}

async function checkAccessibility(page: Page): Promise<void> {
  // Otherwise axe opens a page of its own for its last step, in which scripts may be off. There are no frames here.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  const grave = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map((node) => node.target.join(" ")).join(", ")})`);
  expect(grave, "accessibility").toEqual([]);
}
