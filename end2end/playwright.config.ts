// Every test runs twice: with the page hydrated and with JavaScript off. `cargo xtask test e2e` builds the binary,
// finds a Chromium and starts this.
import { defineConfig } from "@playwright/test";
import { CHROMIUM_ARGUMENTS } from "./support/chromium.js";

const inCi = process.env.CI === "true";

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  globalSetup: "./support/setup.ts",
  fullyParallel: false,
  workers: 2,
  // A test that passes only now and then shows a defect.
  retries: 0,
  forbidOnly: inCi,
  timeout: 30_000,
  expect: { timeout: 7_500 },
  reporter: [["list"], ["json", { outputFile: process.env.TURNWISE_E2E_RESULTS ?? "test-results/results.json" }]],
  use: {
    browserName: "chromium",
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    trace: "off",
    screenshot: "only-on-failure",
    // axe must not measure the colours of what is just fading in.
    contextOptions: { reducedMotion: "reduce" },
    launchOptions: { executablePath: process.env.CHROMIUM_PATH, args: CHROMIUM_ARGUMENTS },
  },
  projects: [
    { name: "hydrated", use: { javaScriptEnabled: true } },
    { name: "no-javascript", use: { javaScriptEnabled: false } },
  ],
});
