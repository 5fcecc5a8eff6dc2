// The main job on 200 real conversations, every stage real: they come in through the OTLP door, a rule samples and
// evaluates them, flagged turns go to a queue, a person reviews ten by keyboard alone, and what came of it is exported
// in three formats, the Parquet file read back by another program.
//
// The conversations are the τ-bench airline runs of the shared data. Where those are absent the test says so.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Page } from "@playwright/test";
import { readParquet } from "../support/parquet.ts";
import { expect, signIn, test } from "../support/test.ts";

const RUNS = new URL("../../../shared/data/tau_bench_airline/gpt-4o-airline.json", import.meta.url).pathname;
const ADA = { name: "Ada Lovelace", email: "ada@example.com", password: "correct horse battery staple" };
// What the four checks that every project begins with are about.
const CHECKS = ["coherence", "resolution", "safety", "faithfulness"];
const REVIEWED = 10;
const PROJECT = "/p/airline";

const RUBRIC = [
  { key: "resolved", title: "Was the user's request resolved?", required: true, type: "choice", options: [
    { value: "no", label: "No" }, { value: "partly", label: "Partly" }, { value: "yes", label: "Yes" },
  ] },
  { key: "grounded", title: "Is every claim backed by a tool result?", required: true, type: "yes_no" },
];

/** One page of a list of the API. */
interface Listed<T> {
  data: T[];
  next_cursor: string | null;
}

/** What the file says of a run. */
interface Run {
  reward: number;
  turns: number;
}

test("200 conversations from telemetry to a dataset", async ({ page, server, waitHydrated, axe, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "reviewing by keyboard needs scripts; the plain form is tested with the review page");
  if (!existsSync(RUNS)) {
    expect(process.env.CI, `${RUNS} must be there in CI`).not.toBe("true");
    test.skip(true, "the shared data are not here");
  }
  test.setTimeout(300_000);

  const printed = server.run(["admin", "bootstrap", "--email", ADA.email, "--password-stdin", "--project", "Airline"], ADA.password);
  const key: string = JSON.parse(printed).api_key;
  const ask = api(server.url, key);

  const { queue, rule } = await test.step("a queue, and a rule that feeds it", async () => {
    const queue = await ask<{ id: string }>("POST", "/queues", {
      name: "Failed turns", instructions: "Read the turn and what the tools said.", questions: RUBRIC, blind: true,
    });
    const checks = (await everything<Evaluator>(ask, "/evaluators")).filter((one) => one.kind === "check");
    expect(sorted(checks.map((one) => one.current.score_name))).toEqual(sorted(CHECKS));
    const rule = await ask<{ id: string }>("POST", "/rules", {
      name: "Every run",
      filter: "turns >= 1",
      sampling: { rate: 1, salt: "main-job" },
      evaluators: checks.map((one) => one.id),
      routes: [{ when: { score: "*", test: { is: "failed" } }, queue: queue.id }],
      audit: { rate: 0.1, salt: "audit", queue: queue.id },
    });
    return { queue, rule };
  });

  const runs = await test.step("the runs come in through the OTLP door", async () => {
    const runs: Run[] = JSON.parse(readFileSync(RUNS, "utf8")).map(told);
    const imported = spawnSync(process.env.TURNWISE_BINARY!, ["import", "--format", "tau-bench", "--url", server.url, "--api-key", key, RUNS], { encoding: "utf8", timeout: 120_000 });
    expect(imported.status, imported.stderr).toBe(0);
    return runs;
  });

  const sessions = await test.step("200 sessions with the right turns", async () => {
    await expect(async () => {
      const all = await everything<Session>(ask, "/sessions");
      expect(all).toHaveLength(runs.length);
      expect(all.filter((session) => session.status !== "closed")).toHaveLength(0);
    }).toPass({ timeout: 60_000 });
    const sessions = await everything<Session>(ask, "/sessions");
    expect(sorted(sessions.map((session) => session.turn_count))).toEqual(sorted(runs.map((run) => run.turns)));
    return sessions;
  });

  const tasks = await test.step("sampled, evaluated, routed", async () => {
    await expect(async () => {
      const checks = (await everything<Evaluator>(ask, "/evaluators")).filter((one) => one.kind === "check");
      for (const check of checks) {
        const { scored, without_score, failed, queued, running } = check.current.effort.states;
        expect({ done: scored + without_score, failed, waiting: queued + running }, check.name).toEqual({ done: runs.length, failed: 0, waiting: 0 });
      }
    }).toPass({ timeout: 90_000 });
    return settled(() => everything<Task>(ask, `/queues/${queue.id}/tasks`));
  });
  const flagged = tasks.filter((task) => task.arm === "flagged");
  expect(flagged.length).toBeGreaterThan(REVIEWED);
  expect(flagged.every((task) => task.probability === 1 && task.rule_id === rule.id)).toBe(true);
  expect(tasks.filter((task) => task.arm === "audit").every((task) => task.probability === 0.1)).toBe(true);

  await test.step("the page of sessions shows them", async () => {
    await signIn(page, ADA, waitHydrated);
    await page.goto(`${PROJECT}/sessions`);
    await waitHydrated(page);
    await expect(page.getByRole("main")).toContainText("200");
    await axe(page);
    await page.goto(`${PROJECT}/queues`);
    await expect(page.getByRole("main")).toContainText(`0/${tasks.length}`);
  });

  await test.step("ten tasks are reviewed by keyboard alone", async () => {
    await page.goto(`${PROJECT}/queues/${queue.id}/review`);
    await waitHydrated(page);
    const counts = page.locator(".review__counts");
    for (let done = 0; done < REVIEWED; done++) {
      await expect(counts).toContainText(`${done}/${tasks.length}`);
      if (done > 0) await expect(page.locator("#task-heading")).toBeFocused();
      await page.keyboard.press(String((done % 3) + 1));
      await page.keyboard.press(String((done % 2) + 1));
      await page.keyboard.press("Enter");
    }
    await expect(counts).toContainText(`${REVIEWED}/${tasks.length}`);
    const reviews = await everything<{ answers: Record<string, unknown> }>(ask, "/reviews");
    expect(reviews).toHaveLength(REVIEWED);
    const chosen = sorted(reviews.map((review) => JSON.stringify(review.answers.resolved)));
    expect(new Set(chosen).size).toBe(3);
  });

  await test.step("the session shows the review", async () => {
    const [review] = await everything<{ task: Task }>(ask, "/reviews");
    await page.goto(`${PROJECT}/sessions/${review.task.session_id}?tab=reviews`);
    await waitHydrated(page);
    await expect(page.getByRole("main")).toContainText("Was the user's request resolved?");
    await axe(page);
  });

  await test.step("exported from the page in three formats, and the figures agree", async () => {
    const turns = sessions.reduce((sum, session) => sum + session.turn_count, 0);
    const jsonl = await exported(page, waitHydrated, "sessions", "jsonl");
    const lines = jsonl.toString("utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
    expect(lines).toHaveLength(runs.length);
    expect(lines.reduce((sum, line) => sum + line.turns, 0)).toBe(turns);

    const csv = await exported(page, waitHydrated, "reviews", "csv");
    const header = csv.toString("utf8").split("\n", 1)[0];
    expect(header).toContain("rubric_version");

    const parquet = join(server.dataDirectory, "turns.parquet");
    await exported(page, waitHydrated, "turns", "parquet", parquet);
    const read = readParquet(parquet);
    expect(read.rows).toBe(turns);

    // What the command line writes agrees with what the API and the file of the runs say.
    const scores = join(server.dataDirectory, "scores.parquet");
    server.run(["export", "--project", "airline", "--kind", "scores", "--format", "parquet", "--out", scores]);
    const all = readParquet(scores);
    expect(all.columns).toEqual(expect.arrayContaining(["name", "source", "evaluator_version", "arm", "probability", "exposure"]));
    const rewards = join(server.dataDirectory, "rewards.parquet");
    server.run(["export", "--project", "airline", "--kind", "sessions", "--format", "parquet", "--filter", "score.reward >= 1", "--out", rewards]);
    expect(readParquet(rewards).rows).toBe(runs.filter((run) => run.reward >= 1).length);
    const answers = join(server.dataDirectory, "reviews.parquet");
    server.run(["export", "--project", "airline", "--kind", "reviews", "--format", "parquet", "--out", answers]);
    const answered = readParquet(answers);
    expect(answered.rows).toBe(REVIEWED * RUBRIC.length);
    expect(answered.aggregates.review_id?.distinct).toBe(REVIEWED);
    await page.goto(`${PROJECT}/queues/${queue.id}`);
    await expect(page.getByRole("main")).toContainText(`${REVIEWED}`);
    const manifest = JSON.parse(readFileSync(`${scores}.manifest.json`, "utf8"));
    expect(manifest.sha256).toBe(createHash("sha256").update(readFileSync(scores)).digest("hex"));
    expect(manifest.rows).toBe(all.rows);
  });
});

interface Evaluator {
  id: string;
  name: string;
  kind: string;
  current: {
    score_name: string;
    effort: { states: { scored: number; without_score: number; failed: number; queued: number; running: number } };
  };
}

interface Session {
  id: string;
  status: string;
  turn_count: number;
}

interface Task {
  id: string;
  session_id: string;
  turn_id: string | null;
  arm: string;
  probability: number | null;
  rule_id: string | null;
}

type Ask = <T>(method: string, path: string, body?: unknown) => Promise<T>;

/** Asks the API with this key. */
function api(url: string, key: string): Ask {
  return async (method, path, body) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body ? { "content-type": "application/json" } : {}) },
      body: body ? JSON.stringify(body) : undefined,
    });
    const text = await answer.text();
    expect(answer.ok, `${method} ${path}: ${answer.status} ${text}`).toBe(true);
    return JSON.parse(text);
  };
}

/** All pages of a list. */
async function everything<T>(ask: Ask, path: string): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Listed<T> = await ask("GET", `${path}?limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    all.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor);
  return all;
}

/** A list once it has stopped growing: the same length ten times, a second apart. */
async function settled<T>(list: () => Promise<T[]>): Promise<T[]> {
  const lengths: number[] = [];
  let now: T[] = [];
  await expect(async () => {
    now = await list();
    lengths.push(now.length);
    expect(now.length).toBeGreaterThan(0);
    expect(lengths.slice(-10)).toEqual(Array(10).fill(now.length));
  }).toPass({ intervals: [1_000], timeout: 90_000 });
  return now;
}

/** The file's own word: a turn for each message of the user but the one that ends the run. */
function told(run: { reward: number; traj: { role: string; content: string | null }[] }): Run {
  const said = run.traj.filter((message) => message.role === "user" && !message.content?.includes("###STOP###"));
  return { reward: run.reward, turns: said.length };
}

function sorted<T extends number | string>(values: T[]): T[] {
  return [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Makes an export on its page and downloads it. */
async function exported(page: Page, waitHydrated: (page: Page) => Promise<void>, kind: string, format: string, to?: string): Promise<Buffer> {
  await page.goto(`${PROJECT}/exports`);
  await waitHydrated(page);
  await page.locator('[name="kind"]').selectOption(kind);
  await page.locator('[name="format"]').selectOption(format);
  await page.getByRole("button", { name: "Export", exact: true }).click();
  const link = page.getByRole("link", { name: new RegExp(`download ${kind} as ${format === "jsonl" ? "json lines" : format}`, "i") });
  await expect(link).toBeVisible({ timeout: 30_000 });
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  const file = await download.path();
  if (to) await download.saveAs(to);
  expect(basename(download.suggestedFilename())).toContain(kind);
  return readFileSync(file);
}
