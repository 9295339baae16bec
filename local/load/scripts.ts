/** What the scripted model of the load does: ordinary work with a list of steps, and the ways in which work goes wrong. */
import type { Conversation } from "../model/conversation.ts";
import { fixFailingTest } from "../model/fix-failing-test.ts";
import { type Reply, runCommand, say, type Script } from "../model/script.ts";
import type { Scene } from "./fate.ts";

/** Red, read, edit, green, commit; every step is looked at. */
export const fixSteps = [
  "Run the tests and see what is red",
  "Read the code behind it",
  "Change the cause",
  "Run the tests again",
  "Commit",
] as const;

export function fixing(scene: Scene): Script {
  return thinking(scene, withSteps(fixSteps, fixFailingTest));
}

/** Calls tools in this order, one for each result so far, and says `ending`. */
export function inOrder(calls: readonly Reply[], ending: string): Script {
  return ({ toolResults }) => calls[toolResults.length] ?? { kind: "text", text: ending };
}

/** Before each call of `script`, the list of steps is told: as many are done as calls have come back. */
export function withSteps(steps: readonly string[], script: Script): Script {
  return (conversation) => {
    const results = conversation.toolResults.filter(({ name }) => name !== "todo");
    const told = conversation.toolResults.length - results.length;
    const isTold = told > results.length || told > steps.length;
    if (!isTold) return tellSteps(steps, results.length);
    const last = conversation.lastToolResult === undefined ? undefined : results.at(-1);
    return script({ ...conversation, toolResults: results, lastToolResult: last });
  };
}

/** A pause before each reply. */
export function thinking(scene: Scene, script: Script): Script {
  return async (conversation) => {
    await scene.think();
    return script(conversation);
  };
}

/** The point `at-work` is reached when a tool call runs that does not end by itself; what happens to it is not the script's. */
export function workingUntilStopped(scene: Scene, before: Script = fixing(scene)): Script {
  return async (conversation) => {
    const done = conversation.toolResults.filter(({ name }) => name !== "todo").length;
    if (done < 2) return before(conversation);
    scene.reach("at-work");
    return runCommand("sleep 3600");
  };
}

/** The first attempt is in the middle of a tool call when it is lost; a later one carries the work out. */
export function workingOnceLost(scene: Scene, times = 1): Script {
  const work = fixing(scene);
  const lost = workingUntilStopped(scene, work);
  let begun = 0;
  return (conversation) => {
    if (conversation.toolResults.length === 0) begun += 1;
    return begun > times ? work(conversation) : lost(conversation);
  };
}

/** Goes on and on: a look, a word in the notes, the tests. */
export function workingSlowly(scene: Scene, steps: readonly string[]): Script {
  const calls = [
    runCommand("node --test"),
    { kind: "tool", name: "read", args: { path: "src/duration.js" } },
    runCommand(
      "echo 'looked at another unit' >> NOTES.md && git add NOTES.md && git commit -qm 'notes: go on'",
    ),
  ] as const satisfies readonly Reply[];
  const script: Script = async ({ toolResults }) => {
    // A tenth of the list at a time, and never the whole of it.
    for (let pause = 0; pause < 12 && toolResults.length > 1; pause += 1) await scene.think();
    return calls[toolResults.length % calls.length] ?? say("There is nothing left to look at.");
  };
  return withSlowSteps(steps, thinking(scene, script));
}

/** One step of the list is done with every third call, the last ones never. */
function withSlowSteps(steps: readonly string[], script: Script): Script {
  return (conversation) => {
    const results = conversation.toolResults.filter(({ name }) => name !== "todo");
    const told = conversation.toolResults.length - results.length;
    const done = Math.min(Math.floor(results.length / 3), steps.length - 2);
    if (told <= done) return tellSteps(steps, done);
    return script({ ...conversation, toolResults: results });
  };
}

/** Asks a person in the way that agents are told to, then goes on with `script`. */
export function asking(
  entries: ReadonlyArray<Readonly<Record<"kind" | "title" | "detail", string>>>,
  script: Script,
): Script {
  const lines = entries.map((entry) => `'${JSON.stringify(entry).replaceAll("'", "’")}'`).join(" ");
  const ask = `printf '%s\\n' ${lines} >> .cat-follow-ups.jsonl`;
  return (conversation) => {
    const [first, ...rest] = conversation.toolResults;
    if (first === undefined) return runCommand(ask);
    const { lastToolResult } = conversation;
    const others: Conversation = {
      ...conversation,
      toolResults: rest,
      lastToolResult: rest.length === 0 ? undefined : lastToolResult,
    };
    return script(others);
  };
}

function tellSteps(steps: readonly string[], done: number): Reply {
  const tasks = steps.map((subject, n) => ({ subject, status: statusOf(n, done) }));
  return { kind: "tool", name: "todo", args: { tasks } };
}

function statusOf(n: number, done: number): string {
  if (n < done) return "completed";
  return n === done ? "in_progress" : "pending";
}
