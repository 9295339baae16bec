/** What the scripted models do. Each step follows from the last result; what is not as expected ends the turn in words. */
import { sampleFix } from "../../local/sample/fix.ts";
import type { Done, Move, PlanItem, Script, Step, Turn } from "./scenario.ts";
import { act, say } from "./scenario.ts";

/** Of the sample project: plan, red, read, edit, green, commit, the plan done. */
export const fixFailingTest: Script = (turn) => {
  const { last } = turn;
  if (last === undefined) {
    return { kind: "act", text: "I will look at the tests first.", steps: [plan("in_progress")] };
  }
  const { step } = last;
  if (step.kind === "plan") return last.ok ? afterPlan(turn) : stop("the plan was not kept", last);
  if (step.kind === "read") {
    const isThere = last.text.includes(sampleFix.oldText);
    return isThere ? act(edit) : stop(`${sampleFix.file} is not what it should be`, last);
  }
  if (step.kind === "edit") return last.ok ? act(tests) : stop("the edit did not go through", last);
  if (step.kind === "run") return step.command === tests.command ? afterTests(turn, last) : afterCommit(last);
  return stop("this was never asked for", last);
};

/** Two calls at once, both of which fail, and words about it. */
export const meetToolFailures: Script = ({ last }) =>
  last === undefined
    ? act({ kind: "run", command: "echo to-stderr >&2; exit 3" }, { kind: "read", path: "no-such-file.txt" })
    : say("Neither tool did what I asked.");

/** A part of the work is given to an agent of the agent's own. */
export const delegate: Script = ({ prompt, last, requests }) => {
  if (prompt.includes(delegatedTask) && !prompt.includes(task)) {
    return last === undefined
      ? act({ kind: "run", command: "ls src" })
      : say("There is one file in the folder.");
  }
  if (requests > 1) return say("The part is done, and so am I.");
  return { kind: "act", text: "I hand a part on.", steps: [{ kind: "delegate", prompt: delegatedTask }] };
};

export const alwaysTruncated: Script = () => ({
  kind: "say-truncated",
  text: "[scripted] This is going to be",
});

export const truncatedOnce: Script = ({ requests }) =>
  requests === 1 ? { kind: "say-truncated", text: "[scripted] This was cut" } : say("This is the rest.");

export function refuse(status: number, type: string, message: string): Script {
  return () => ({ kind: "refuse", status, type, message: `[scripted] ${message}` });
}

/** What the agent is asked in every recording; scripts know by it who speaks. */
export const task = "Fix the failing test and commit.";
const delegatedTask = "Say how many files there are in src.";

const tests = { kind: "run", command: sampleFix.testCommand } as const;
const edit: Step = {
  kind: "edit",
  path: sampleFix.file,
  oldText: sampleFix.oldText,
  newText: sampleFix.newText,
};

function plan(status: PlanItem["status"]): Step {
  const isDone = status === "completed";
  return {
    kind: "plan",
    items: [
      { label: "Find out why the test is red", status },
      { label: "Fix the cause", status: isDone ? "completed" : "pending" },
    ],
  };
}

function afterPlan({ done }: Turn): Move {
  const commit = done.find(({ step }) => step.kind === "run" && step.command !== tests.command);
  if (commit === undefined) return act(tests);
  return say(`Fixed: "${sampleFix.failingTest}" was red and is green.`);
}

function afterTests({ done }: Turn, last: Done): Move {
  const isEdited = done.some(({ step }) => step.kind === "edit");
  const isRed = /(?:#|ℹ) fail [1-9]/.test(last.text);
  if (isRed === isEdited) return stop(`the tests were expected to be ${isEdited ? "green" : "red"}`, last);
  if (!isEdited) return act({ kind: "read", path: sampleFix.file });
  const command = `git add -- ${sampleFix.file} && git commit -q -m "${sampleFix.commitMessage}"`;
  return act({ kind: "run", command });
}

function afterCommit(last: Done): Move {
  return last.ok ? act(plan("completed")) : stop("the commit did not go through", last);
}

function stop(reason: string, { text }: Done): Move {
  return say(`Stopped: ${reason}: ${text}`);
}
