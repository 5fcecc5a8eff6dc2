// A queue with tasks, made through the REST API by whoever is signed in.
import { expect, type Page } from "@playwright/test";

const PROJECT = "project=support-bot";

/** The questions of `fillQueue`: a choice (1 No, 2 Partly, 3 Yes), a rating from 1 to 5, two texts (keys e and c). */
export const QUESTIONS = [
  {
    key: "resolved",
    title: "Was the request resolved?",
    required: true,
    type: "choice",
    guidance: "Judge the turn **in question** only.",
    options: [
      { value: "no", label: "No" },
      { value: "partly", label: "Partly", anchor: "something is left open" },
      { value: "yes", label: "Yes" },
    ],
  },
  { key: "tone", title: "How was the tone?", type: "rating", min: 1, max: 5 },
  { key: "correction", title: "What should it have said?", type: "text", multiline: true },
  { key: "comment", title: "Comment", type: "text" },
];

/** Words that a judge said of every task; nobody may see them in a blind queue. */
export const VERDICT = "the judge called this one a failure";

/** Sends so many sessions of six turns, each with a judge's verdict, and puts turn 4 of each into a new queue. They are numbered
 * from `first`. Returns the queue's id. */
export async function fillQueue(page: Page, tasks: number, settings: object = {}, first = 1): Promise<string> {
  const post = async (path: string, data: object): Promise<any> => {
    const answer = await page.request.post(`/api/v1/${path}?${PROJECT}`, { data });
    expect(answer.status(), `${path}: ${await answer.text()}`).toBe(201);
    return answer.json();
  };
  const targets = [];
  for (let number = first; number < first + tasks; number++) {
    const session = `chat-${number}`;
    const messages = Array.from({ length: 12 }, (_, index) => ({
      role: index % 2 === 0 ? "user" : "assistant",
      content: index % 2 === 0 ? `Question ${index / 2 + 1} of ${session}` : `Answer ${(index + 1) / 2} of ${session}`,
    }));
    await post("sessions", { session_id: session, messages });
    await post("scores", { session, position: 4, name: "resolution", value: 0.1, passed: false, source: "llm", explanation: VERDICT });
    targets.push({ session, position: 4 });
  }
  const instructions = "Read the **whole** conversation first.";
  const queue = await post("queues", { name: "Refund safety", instructions, questions: QUESTIONS, ...settings });
  if (tasks > 0) await post(`queues/${queue.id}/tasks`, { targets });
  return queue.id;
}

/** The reviews in a queue, as the API gives them. */
export async function reviews(page: Page, queue: string): Promise<any[]> {
  const answer = await page.request.get(`/api/v1/reviews?${PROJECT}&queue=${queue}&limit=200`);
  return (await answer.json()).data;
}
