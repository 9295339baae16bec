/** Agents and models that fail, and the limits that stop them. */
import { runCommand } from "../../model/script.ts";
import type { Fate } from "../fate.ts";
import { fixing, thinking } from "../scripts.ts";
import { saying, withoutPush } from "./done.ts";

/** Of limits that are there to be reached: longer than a program's start on a busy machine. */
const SHORT_MS = 25_000;

export const agentFates: readonly Fate[] = [
  {
    name: "nothing-changed",
    by: "the agent says that it would rather not, and changes nothing",
    titles: ["Replace the home-grown retry by the library's", "Split the order service in two"],
    comesTo: { kind: "ends", code: "result-error" },
    script: (scene) => saying(scene, "I would rather not change this without a design."),
  },
  {
    name: "unusable-reply",
    by: "a job that has to answer in JSON answers in prose",
    titles: ["List every place that logs an e-mail address"],
    comesTo: { kind: "ends", code: "result-error" },
    spec: () => ({ mode: "explore", output: { kind: "structured", repair: false }, ...withoutPush }),
    script: (scene) => saying(scene, "There are quite a few of them."),
  },
  {
    name: "no-budget",
    by: "the model answers 402 to everything",
    titles: ["Translate the onboarding mails", "Write the changelog of the spring release"],
    comesTo: { kind: "ends", code: "agent-failed" },
    script: (scene) =>
      thinking(scene, () => ({
        kind: "http-error",
        status: 402,
        message: "the budget of this month is spent",
      })),
  },
  {
    name: "overloaded",
    by: "the model answers 503 to everything; the agent gives up",
    titles: ["Port the importer to streams"],
    comesTo: { kind: "ends", code: "agent-failed" },
    script: () => () => ({ kind: "http-error", status: 503, message: "the model is overloaded" }),
  },
  {
    name: "gets-nowhere",
    by: "every tool call of the agent fails, until the guard ends it",
    titles: ["Upgrade the build to the new bundler"],
    comesTo: { kind: "ends", code: "agent-failed" },
    script: (scene) =>
      thinking(scene, ({ toolResults }) =>
        runCommand(`node scripts/bundle.mjs --pass ${toolResults.length + 1}`),
      ),
  },
  {
    name: "silent",
    by: "the model stops in the middle of a sentence and says nothing more",
    titles: ["Explain the nightly deadlock", "Bring the fixtures up to date"],
    comesTo: { kind: "ends", code: "inactivity-timeout" },
    policy: { inactivityMs: SHORT_MS },
    script: (scene) => {
      const released = new Promise<void>((resolve) => scene.atEnd(resolve));
      const work = fixing(scene);
      return (conversation) =>
        conversation.toolResults.length < 3
          ? work(conversation)
          : { kind: "stall", text: "Let me think about that for a", released };
    },
  },
  {
    name: "talks",
    by: "a tool call prints and prints, and never ends",
    titles: ["Regenerate the API client"],
    comesTo: { kind: "ends", code: "no-tool-progress" },
    policy: { inactivityMs: SHORT_MS, toolSilenceMs: SHORT_MS },
    script: () => () =>
      runCommand('n=0; while :; do n=$((n+1)); echo "generating module $n"; sleep 0.5; done'),
  },
  {
    name: "too-long",
    by: "the agent works on and on, past the time that its job has",
    titles: ["Find every slow query"],
    comesTo: { kind: "ends", code: "max-duration" },
    policy: { maxDurationMs: SHORT_MS },
    script:
      () =>
      ({ toolResults }) =>
        runCommand(`sleep 2; echo 'query plan ${toolResults.length}' >> plans.txt`),
  },
];
