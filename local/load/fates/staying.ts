/** Jobs that stay as they are for minutes, so that they can be looked at: each in another status. */
import { runCommand } from "../../model/script.ts";
import type { Fate, Scene } from "../fate.ts";
import { asking, fixing, workingOnceLost, workingSlowly, workingUntilStopped } from "../scripts.ts";
import { kill } from "./done.ts";

const HALF_AN_HOUR_MS = 1_800_000;
/** Within the five minutes before its end a job asks for a person. */
const NEAR_MS = 290_000;

const migration = [
  "Read how amounts are stored",
  "List every caller",
  "Add the new column",
  "Write both",
  "Backfill in batches",
  "Read the new one",
  "Compare both for a day",
  "Drop the old column",
] as const;

export const stayingFates: readonly Fate[] = [
  {
    name: "slow",
    by: "the agent works, step by step",
    titles: ["Store money as integers, everywhere", "Split the monolith's test suite"],
    comesTo: {
      kind: "stays",
      as: "running",
      isSo: ({ status, phase }) => status === "running" && phase === "agent",
      holdsSlot: true,
    },
    script: (scene) => workingSlowly(scene, migration),
  },
  {
    name: "question-open",
    by: "the agent has asked a question, and goes on meanwhile",
    titles: ["Choose the queue for outgoing mail"],
    comesTo: {
      kind: "stays",
      as: "running, a question is open",
      isSo: ({ status, attention }) => status === "running" && /question/.test(attention?.why ?? ""),
      holdsSlot: true,
    },
    spec: () => ({ streamFollowUps: true }),
    script: (scene) =>
      asking(
        [
          {
            kind: "question",
            title: "May mail be sent twice when a worker dies?",
            detail: "At least once is simple; exactly once needs a table of what was sent.",
          },
        ],
        workingSlowly(scene, [
          "Read how mail is sent",
          "Compare the queues",
          "Write the decision",
          "Move one mail over",
        ]),
      ),
  },
  {
    name: "recovering",
    by: "SIGSTOP of the harness, and the platform does not get rid of its container, so that none may follow it",
    titles: ["Deduplicate the customer table"],
    comesTo: {
      kind: "stays",
      as: "recovering",
      isSo: ({ status }) => status === "recovering",
      holdsSlot: true,
    },
    policy: { silenceMs: 10_000 },
    script: workingOnceLost,
    happens: async (scene) => {
      await scene.reached("at-work");
      const { id } = await scene.container();
      scene.atEnd(scene.faults.holdRemovals((container) => container.id === id));
      await kill(scene, "SIGSTOP");
    },
  },
  {
    name: "starting",
    by: "its container is there and does not begin",
    titles: ["Profile the image pipeline"],
    comesTo: { kind: "stays", as: "starting", isSo: ({ status }) => status === "starting", holdsSlot: true },
    policy: { startingMs: HALF_AN_HOUR_MS },
    script: fixing,
    happens: (scene) => Promise.resolve(holdStarts(scene)),
  },
  {
    name: "stopping",
    ownHost: true,
    by: "cancelled while the last push of its work hangs at the git host",
    titles: ["Replace the PDF renderer"],
    comesTo: { kind: "stays", as: "stopping", isSo: ({ status }) => status === "stopping", holdsSlot: true },
    policy: { stopGraceMs: HALF_AN_HOUR_MS },
    script:
      (scene) =>
      ({ toolResults }) => {
        if (toolResults.length === 0)
          return runCommand("echo 'a start' > RENDERER.md && git add . && git commit -qm 'renderer: begin'");
        scene.reach("at-work");
        return runCommand("sleep 3600");
      },
    happens: async (scene) => {
      const hold = scene.git.hold("push");
      scene.atEnd(() => hold.release());
      await scene.reached("at-work");
      await scene.cancel("superseded by the vendor's renderer");
    },
  },
  {
    name: "behind",
    by: "it stands behind a job of its execution that is at work",
    titles: ["Test the integer amounts against the ledger"],
    comesTo: {
      kind: "stays",
      as: "queued behind another job",
      isSo: ({ status, queue }) => status === "queued" && queue === null,
      holdsSlot: false,
    },
    behind: "slow",
    script: fixing,
  },
  {
    name: "deadline-near",
    by: "the agent works, and its job ends within five minutes",
    titles: ["Bisect the flaky checkout test"],
    comesTo: {
      kind: "stays",
      as: "running, a deadline is near",
      isSo: ({ status, attention }) => status === "running" && /max-duration/.test(attention?.why ?? ""),
      holdsSlot: true,
    },
    policy: { maxDurationMs: NEAR_MS },
    script: workingUntilStopped,
  },
];

/** What only a line that is full brings about; dispatched last. */
export const waitingFates: readonly Fate[] = [
  {
    name: "no-room",
    by: "it waits for a slot for longer than it may",
    titles: ["Preview the landing page", "Check the links of the help centre"],
    comesTo: { kind: "ends", code: "capacity" },
    policy: { queuedMs: 15_000 },
    script: fixing,
  },
  {
    name: "in-line",
    by: "it waits for a slot",
    titles: ["Add a dark theme to the invoices", "Show the queue's length to support"],
    comesTo: {
      kind: "stays",
      as: "queued in the line",
      isSo: ({ status, queue }) => status === "queued" && queue !== null,
      holdsSlot: false,
    },
    script: fixing,
  },
];

function holdStarts(scene: Scene): void {
  const stop = scene.faults.holdStarts(({ env }) => scene.owns(env));
  scene.atEnd(stop);
}
