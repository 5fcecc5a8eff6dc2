// Queues: made with questions of one's own, changed, refused by name, filled and listed.
import { fillQueue, QUESTIONS } from "../support/queue.ts";
import { expect, test } from "../support/test.ts";

const QUEUES = "/p/support-bot/queues";

test("an editor makes a queue with questions and changes them into a new version", async ({ page, owner, open, axe, complaints, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "the editor of questions needs scripts; without them they are JSON, which has its own test");
  complaints.allow(/status of 422/);
  await owner();
  await open(QUEUES);
  await expect(page.getByRole("heading", { name: "No queues yet" })).toBeVisible();
  await axe(page);
  await page.getByRole("link", { name: "New queue" }).click();
  await page.getByLabel("Name").fill("Refund safety");
  await page.getByLabel("Instructions").fill("Read **everything**.");
  await page.getByRole("button", { name: "Add a question" }).click();
  const second = page.getByRole("listitem").filter({ has: page.getByRole("button", { name: "Remove: the new question" }) });
  await second.getByRole("textbox", { name: "Question" }).fill("How was the tone?");
  const tone = page.getByRole("listitem").filter({ has: page.getByRole("button", { name: "Remove: How was the tone?" }) });
  await tone.getByLabel("Type").selectOption("rating");
  await tone.getByLabel("Lowest").fill("3");
  await tone.getByLabel("Highest").fill("3");
  await axe(page);
  await page.getByRole("button", { name: "Create queue" }).click();
  await expect(page.getByText("a rating needs 2 to 10 steps")).toBeVisible();
  await tone.getByLabel("Lowest").fill("1");
  await tone.getByLabel("Anchors").fill("cold\nfine\nwarm");
  await page.getByRole("button", { name: "Create queue" }).click();
  await expect(page).toHaveURL(/queues\/[0-9a-f-]+\/tasks$/);
  await expect(page.getByRole("heading", { name: "Refund safety" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "No tasks here" })).toBeVisible();

  await page.getByRole("link", { name: "Settings", exact: true }).last().click();
  await expect(page.getByText("This is version 1.")).toBeVisible();
  await page.getByRole("button", { name: "Move up: How was the tone?" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("This is version 2.")).toBeVisible();
  const listed = await page.request.get("/api/v1/queues?project=support-bot");
  const [queue] = (await listed.json()).data;
  const shown = await (await page.request.get(`/api/v1/queues/${queue.id}?project=support-bot`)).json();
  expect(shown.rubric.questions.map((question: { key: string }) => question.key)).toEqual(["how_was_the_tone", "resolved"]);
  expect(shown).toMatchObject({ blind: true, overlap: 1, order: "oldest", instructions: "Read **everything**." });
});

test("a queue shows its progress and its tasks, and Enter begins to review", async ({ page, owner, open, axe, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, "keys need scripts");
  await owner();
  const queue = await fillQueue(page, 3);
  await open(QUEUES);
  const row = page.getByRole("row", { name: "Refund safety" });
  await expect(row).toContainText("0/3");
  await expect(row).toContainText("nobody yet");
  await axe(page);
  await row.getByRole("link", { name: "Refund safety", exact: true }).click();
  await expect(page.getByRole("row", { name: "turn 4" })).toHaveCount(3);
  await expect(page.getByText("Read the whole conversation first.")).toBeHidden();
  await axe(page);
  await page.getByRole("navigation", { name: "Tasks by state" }).getByRole("link", { name: "done" }).click();
  await expect(page.getByRole("heading", { name: "No tasks here" })).toBeVisible();
  await open(QUEUES);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`${queue}/review$`));
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a queue is made and changed with its questions as JSON", async ({ page, owner, open }) => {
    await owner();
    await open(`${QUEUES}?new`);
    await page.getByLabel("Name").fill("Refund safety");
    await page.getByLabel("Questions as JSON").fill(JSON.stringify(QUESTIONS));
    await page.getByRole("button", { name: "Create queue" }).click();
    await expect(page).toHaveURL(/settings$/);
    await expect(page.getByLabel("Questions as JSON")).toHaveValue(/What should it have said/);
    await page.getByLabel("Reviews per task").fill("2");
    await page.getByLabel("Questions as JSON").fill('[{"key":"a","title":"A?","type":"choice","options":[]}]');
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("a choice needs 2 to 20 options, not 0")).toBeVisible();
  });
});
