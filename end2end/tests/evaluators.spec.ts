// Evaluators and the providers that judges ask: the list, the catalogue, the editor with its trial, versions; a stub stands for the model.
import { createServer, type Server as HttpServer } from "node:http";
import { type AddressInfo } from "node:net";
import { type APIRequestContext, type Page } from "@playwright/test";
import { type Server } from "../support/server.ts";
import { expect, test } from "../support/test.ts";

const EVALUATORS = "/p/support-bot/evaluators";
const PROVIDERS = "/p/support-bot/settings/providers";
const KEY = "sk-of-this-test-0123456789";

/** A model that finds the amount invented, and answers a trifle with JSON. */
async function stubModel(): Promise<{ url: string; keys: string[]; stop: () => Promise<void> }> {
  const keys: string[] = [];
  const server: HttpServer = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      keys.push(request.headers.authorization ?? "");
      const verdict = {
        explanation: "The amount stands nowhere.",
        score: 0.3,
        cannot_judge: null,
        findings: [{ turn: 1, part: "assistant", quote: "$189.00", problem: "invented", score: 0.3 }],
      };
      const content = JSON.stringify(body.includes("ready") ? { ready: true } : verdict);
      const choice = { message: { role: "assistant", content }, finish_reason: "stop" };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ model: "judge-1", choices: [choice], usage: { prompt_tokens: 900, completion_tokens: 80 } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${port}/v1`, keys, stop };
}

async function makeKey(page: Page, server: Server): Promise<string> {
  const answer = await page.request.post(`${server.url}/api/v1/api-keys?project=support-bot`, {
    data: { name: "Test", scopes: ["ingest", "read", "write"] },
    headers: { origin: server.url },
  });
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json()).secret;
}

async function sendRefund(request: APIRequestContext, server: Server, key: string): Promise<void> {
  const messages = [
    { role: "user", content: "Where is my refund for order LF-51190?" },
    { role: "assistant", content: "Your refund of $189.00 is on its way." },
    { role: "user", content: "Thanks!" },
    { role: "assistant", content: "You're welcome." },
  ];
  const data = { session_id: "refund", end_reason: "resolved", messages };
  const answer = await request.post(`${server.url}/api/v1/sessions`, { headers: { authorization: `Bearer ${key}` }, data });
  expect(answer.ok(), await answer.text()).toBe(true);
}

test("judges wait for a provider; with one they are tested, tried, and score sessions", async ({ page, owner, open, request, server, axe, javaScriptEnabled }) => {
  const model = await stubModel();
  try {
    await owner();
    const key = await makeKey(page, server);
    await sendRefund(request, server, key);
    await open(EVALUATORS);
    await expect(page.getByRole("heading", { name: "Judges wait for a model provider" })).toBeVisible();
    await expect(page.getByRole("row", { name: /Hallucination, judged/ })).toContainText("waits for a provider");
    await axe(page);

    await page.getByRole("link", { name: "Add a provider" }).click();
    await page.getByLabel("Name").fill("Stub");
    await page.getByLabel("Address").fill(model.url);
    await page.getByLabel("Model").fill("judge-1");
    await page.getByLabel("Key", { exact: true }).fill(KEY);
    await page.getByLabel("Price in").fill("2");
    await page.getByLabel("Price out").fill("8");
    await axe(page);
    await page.getByRole("button", { name: "Save" }).click();
    const row = page.getByRole("row", { name: /Stub/ });
    await expect(row).toContainText("judges ask this one");
    await expect(row).toContainText("key stored");
    expect(await page.content()).not.toContain(KEY);
    await row.getByRole("button", { name: "Test Stub" }).click();
    await expect(page.getByRole("status").filter({ hasText: javaScriptEnabled ? "works" : "answers" })).toBeVisible();
    expect(model.keys.at(-1)).toBe(`Bearer ${KEY}`);

    await open(EVALUATORS);
    await expect(page.getByRole("heading", { name: "Judges wait for a model provider" })).toHaveCount(0);
    await page.getByRole("link", { name: "Hallucination, judged" }).click();
    await expect(page.getByLabel("Prompt")).toHaveValue(/Judge FAITHFULNESS/);
    await page.getByRole("button", { name: "Try", exact: true }).click();
    const trial = page.getByTestId("trial");
    await expect(trial).toContainText("The amount stands nowhere.");
    await expect(trial).toContainText("$189.00");
    await expect(trial).toContainText("fails");
    await axe(page);

    const headers = { authorization: `Bearer ${key}` };
    const asked = await request.post(`${server.url}/api/v1/evaluations`, {
      headers,
      data: { sessions: ["refund"], evaluators: ["Hallucination, judged", "Coherence"] },
    });
    expect(asked.status()).toBe(202);
    const ledger = async () => (await (await request.get(`${server.url}/api/v1/sessions/refund/evaluations`, { headers })).json()).data;
    await expect.poll(async () => (await ledger()).map((row: { state: string }) => row.state), { timeout: 15_000 }).toEqual(["done", "done"]);
    await open(EVALUATORS);
    await expect(page.getByRole("row", { name: /Hallucination, judged/ })).toContainText("1 scored");
  } finally {
    await model.stop();
  }
});

test("a change makes a version, and the page says what changed", async ({ page, owner, open, axe }) => {
  await owner();
  await open(EVALUATORS);
  await page.getByRole("link", { name: "Safety, judged" }).click();
  await page.getByLabel("Passes from").fill("0.7");
  await page.getByRole("button", { name: "Save" }).click();
  const newest = page.getByRole("row", { name: /Version 2/ });
  await expect(newest).toContainText("1 added, 1 removed");
  await newest.getByText("1 added, 1 removed").click();
  await expect(newest).toContainText("passes from: 0.7");
  await axe(page);
});

test("a prompt that cannot work is refused with the reason", async ({ page, owner, open, complaints }) => {
  complaints.allow(/422/);
  await owner();
  await open(`${EVALUATORS}/new`);
  await page.getByLabel("Name", { exact: true }).fill("Tone");
  await page.getByLabel("Name of its scores").fill("tone");
  await page.getByLabel("Prompt").fill("Judge the tone of {{ mesages }}.");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText(/unknown variable "mesages"/)).toBeVisible();
});

test("an evaluator of the catalogue is added, and archived", async ({ page, owner, open }) => {
  await owner();
  await open(EVALUATORS);
  await page.getByRole("button", { name: "Add Latency" }).click();
  await expect(page).toHaveURL(/evaluators\/[0-9a-f-]{36}$/);
  await expect(page.getByRole("heading", { name: "Latency", level: 1 })).toBeVisible();
  await page.getByRole("button", { name: "Archive Latency" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Archive" }).click();
  await expect(page).toHaveURL(/evaluators$/);
  await expect(page.getByRole("link", { name: "Latency" })).toHaveCount(0);
});

test("a provider is removed with its key", async ({ page, owner, open }) => {
  await owner();
  await open(`${PROVIDERS}?new=1`);
  await page.getByLabel("Name").fill("Nobody");
  await page.getByLabel("Address").fill("http://127.0.0.1:9/v1");
  await page.getByLabel("Model").fill("judge-1");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Remove Nobody" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByRole("heading", { name: "No model provider yet" })).toBeVisible();
});
