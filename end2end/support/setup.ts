// Before all tests: says in one line what is missing. After them: ends servers that a crashed worker left behind.
import { existsSync } from "node:fs";
import { runsDirectory, stopLeftovers } from "./server.ts";

export default function setup(): () => void {
  for (const [variable, what] of [
    ["TURNWISE_BINARY", "the built `turnwise`"],
    ["CHROMIUM_PATH", "a Chromium"],
  ] as const) {
    const path = process.env[variable];
    if (!path || !existsSync(path)) {
      throw new Error(`${variable} must name ${what}: run \`cargo xtask test e2e\`, which sets it`);
    }
  }
  process.env.TURNWISE_E2E_RUNS = runsDirectory();
  return () => stopLeftovers();
}
