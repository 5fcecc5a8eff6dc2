// Exports: started from the page, followed, downloaded with the manifest, read by something that is not ours; without
// JavaScript too.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Download, Page } from "@playwright/test";
import { readParquet } from "../support/parquet.ts";
import type { Server } from "../support/server.ts";
import { expect, test } from "../support/test.ts";

const EXPORTS = "/p/support-bot/exports";

/** Imports so many conversations of one turn each, every second one in production. */
function converse(server: Server, count: number): void {
  const folder = mkdtempSync(join(tmpdir(), "turnwise-e2e-log-"));
  const lines = Array.from({ length: count }, (_, number) =>
    JSON.stringify({
      session_id: `chat-${number}`,
      environment: number % 2 === 0 ? "production" : "staging",
      messages: [
        { role: "user", content: `=SUM(${number})` },
        { role: "assistant", content: "It is on its way." },
      ],
    }),
  );
  writeFileSync(join(folder, "log.jsonl"), lines.join("\n"));
  server.run(["import", "--project", "support-bot", "--format", "messages", join(folder, "log.jsonl")]);
  rmSync(folder, { recursive: true });
}

async function saved(page: Page, link: string): Promise<{ download: Download; path: string }> {
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: link }).click();
  const download = await downloading;
  return { download, path: await download.path() };
}

test("an export is started, followed and downloaded with its manifest", async ({ page, javaScriptEnabled, owner, open, server, axe }) => {
  test.skip(!javaScriptEnabled, "without scripts the page does not follow by itself");
  await owner();
  converse(server, 20);
  await open(EXPORTS);
  await expect(page.getByRole("heading", { name: "Nothing was exported yet" })).toBeVisible();
  await expect(page.getByText("20 sessions match.")).toBeVisible();
  await axe(page);

  await page.getByLabel("One row for each").selectOption({ value: "turns" });
  await page.getByRole("combobox", { name: "Of sessions that match" }).fill("environment = production");
  await expect(page.getByText("10 sessions match.")).toBeVisible();
  await expect(page.getByText("turnwise export --project support-bot --kind turns")).toBeVisible();
  await page.getByRole("combobox", { name: "Of sessions that match" }).press("Escape");
  await page.getByRole("button", { name: "Export", exact: true }).click();

  const row = page.getByRole("row", { name: "Turns as CSV" });
  await expect(row).toContainText("done");
  await expect(row).toContainText("environment = production");
  await expect(row).toContainText("10");
  await axe(page);

  const file = await saved(page, "Download Turns as CSV");
  expect(file.download.suggestedFilename()).toMatch(/^support-bot-turns-\d{4}-\d\d-\d\d\.csv$/);
  const bytes = readFileSync(file.path);
  expect(bytes.toString("utf8")).toContain("'=SUM(");
  const manifest = JSON.parse(readFileSync((await saved(page, "Manifest of Turns as CSV")).path, "utf8"));
  expect(manifest).toMatchObject({ kind: "turns", format: "csv", rows: 10, sessions: 10, filter: "environment = production" });
  expect(manifest.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
  await expect(row).toContainText(manifest.sha256.slice(0, 12));

  await row.getByRole("button", { name: "Delete Turns as CSV" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("heading", { name: "Nothing was exported yet" })).toBeVisible();
});

test("Parquet is read by DuckDB with the types it should have", async ({ page, javaScriptEnabled, owner, open, server }) => {
  test.skip(!javaScriptEnabled, "without scripts the page does not follow by itself");
  await owner();
  converse(server, 6);
  await open(`${EXPORTS}?kind=turns&format=parquet`);
  await page.getByRole("button", { name: "Export", exact: true }).click();
  await expect(page.getByRole("row", { name: "Turns as Parquet" })).toContainText("done");
  const table = readParquet((await saved(page, "Download Turns as Parquet")).path);
  expect(table.rows).toBe(6);
  expect(table.columns.slice(0, 4)).toEqual(["session_id", "external_id", "turn_id", "turn"]);
  expect(table.aggregates.turn).toMatchObject({ type: "BIGINT", sum: 6 });
  expect(table.aggregates.started_at?.type).toBe("TIMESTAMP WITH TIME ZONE");
  expect(table.aggregates.external_id?.distinct).toBe(6);
});

test("a filter that cannot be read is said to be so", async ({ page, owner, open, complaints }) => {
  complaints.allow(/422/);
  await owner();
  await open(`${EXPORTS}?filter=turnss+%3E+1`);
  await expect(page.getByText(/turnss/).first()).toBeVisible();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the form counts, exports, and the file is there", async ({ page, owner, open, server }) => {
    await owner();
    converse(server, 4);
    await open(EXPORTS);
    await page.getByLabel("Format").selectOption({ value: "jsonl" });
    await page.getByRole("combobox", { name: "Of sessions that match" }).fill("environment = staging");
    await page.getByRole("button", { name: "Count" }).click();
    await expect(page.getByText("2 sessions match.")).toBeVisible();
    await page.getByRole("button", { name: "Export", exact: true }).click();
    await expect(page.getByText("Export started")).toBeVisible();
    await expect(async () => {
      await page.reload();
      await expect(page.getByRole("row", { name: "Scores as JSON lines" })).toContainText("done", { timeout: 500 });
    }).toPass();
    await saved(page, "Download Scores as JSON lines");
  });
});
