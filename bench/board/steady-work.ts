/** An agent that goes on and on: the list of its steps with one more done, then a look at the tests; a few seconds each. */

import { setTimeout as sleep } from "node:timers/promises";
import { type Reply, runCommand, say, type Script } from "../../local/model/script.ts";

/** What leaves the model: `done` of `total` steps, at an epoch ms. The totals of executions differ, so that each can be told. */
export type Step = { readonly done: number; readonly total: number; readonly at: number };

export function workSteadily(onStep: (step: Step) => void): Script {
  const totals = new Map<string, number>();
  return async ({ model, toolResults }) => {
    const total = totals.get(model) ?? FIRST_TOTAL + totals.size;
    totals.set(model, total);
    await sleep(THINKING_MS);
    const looks = toolResults.filter(({ name }) => name !== "todo").length;
    const done = toolResults.length - looks;
    if (done > total) return say("There is nothing left to look at.");
    if (done > looks) return runCommand(`node --test; echo look ${looks}`);
    onStep({ done, total, at: Date.now() });
    return tellSteps(done, total);
  };
}

const THINKING_MS = 2_500;
/** A list may have a hundred. */
const FIRST_TOTAL = 91;

function tellSteps(done: number, total: number): Reply {
  const tasks = Array.from({ length: total }, (_, n) => ({
    subject: `Look at unit ${n + 1}`,
    status: n < done ? "completed" : n === done ? "in_progress" : "pending",
  }));
  return { kind: "tool", name: "todo", args: { tasks } };
}
