/** Work that comes to its end, some of it over obstacles. */
import { runCommand, say, type Script } from "../../model/script.ts";
import type { Fate, Scene } from "../fate.ts";
import { asking, fixing, inOrder, thinking, withSteps, workingOnceLost } from "../scripts.ts";

const done = { kind: "ends", code: "done" } as const;
const healed = { ...done, recoveries: 1 } as const;

export const doneFates: readonly Fate[] = [
  {
    name: "fixed",
    by: "nothing: the agent works, commits, and its pull request is opened",
    titles: [
      "Count sixty minutes to the hour",
      "Round invoice totals once, at the end",
      "Show the delivery window in the customer's time zone",
      "Stop counting cancelled orders as revenue",
      "Retry the webhook only on 5xx",
      "Sort search results by relevance, then by date",
      "Accept IBANs with spaces",
      "Keep the basket when a session is renewed",
    ],
    comesTo: done,
    script: fixing,
  },
  {
    name: "explored",
    by: "a job that looks and answers in JSON; nothing is pushed",
    titles: ["Which endpoints answer without a page limit?", "Where do we still parse dates by hand?"],
    comesTo: done,
    spec: () => ({ mode: "explore", output: { kind: "structured" }, ...withoutPush }),
    script: (scene) => {
      const answer = JSON.stringify({
        verdict: "two places",
        found: ["src/duration.js", "test/duration.test.js"],
      });
      const calls = [runCommand("grep -rn 'duration' src | head"), runCommand("git log --oneline | head -5")];
      return thinking(
        scene,
        withSteps(["Search the sources", "Look at the history"], inOrder(calls, answer)),
      );
    },
  },
  {
    name: "asked",
    by: "the agent leaves a question and a follow-up to a person, and finishes",
    titles: ["Move the price list to minor units", "Rename the plan tiers in the API"],
    comesTo: { ...done, asks: true },
    spec: () => ({ streamFollowUps: true }),
    script: (scene) =>
      asking(
        [
          {
            kind: "question",
            title: "Are half minutes rounded up or down?",
            detail: "The tests say nothing about it, and the callers differ.",
          },
          {
            kind: "follow_up",
            title: "The README still shows the old unit",
            detail: "Its second example is wrong since the last release.",
          },
        ],
        fixing(scene),
      ),
  },
  {
    name: "healed-crash",
    by: "SIGKILL of the harness in the middle of a tool call; the next attempt carries the work out",
    titles: ["Page through the audit log", "Lock the ledger row before a refund"],
    comesTo: healed,
    script: workingOnceLost,
    happens: afterWork(async (scene) => kill(scene, "SIGKILL")),
  },
  {
    name: "healed-stop",
    by: "SIGTERM from the platform in the middle of a tool call; the next attempt carries the work out",
    titles: ["Drop the second copy of the tax table", "Cache the exchange rates for a minute"],
    comesTo: healed,
    script: workingOnceLost,
    happens: afterWork(async ({ container, faults }) => faults.platformStop((await container()).name)),
  },
  {
    name: "overloaded-once",
    by: "the model answers 429 and 503, once each; the agent asks again",
    titles: ["Validate the VAT number before checkout"],
    comesTo: done,
    script: (scene) => {
      const statuses = [429, 503];
      const work = fixing(scene);
      return (conversation) => {
        const status = conversation.toolResults.length > 0 ? statuses.shift() : undefined;
        return status === undefined
          ? work(conversation)
          : { kind: "http-error", status, message: "the model is overloaded" };
      };
    },
  },
  {
    name: "out-of-sight",
    by: "the connection on which the container's end is awaited is cut; the container lives on and is believed",
    titles: ["Log the reason of a declined card"],
    comesTo: done,
    script: (scene) => {
      const work = fixing(scene);
      return (conversation) => {
        if (conversation.toolResults.length > 1) scene.reach("at-work");
        return work(conversation);
      };
    },
    happens: afterWork(async ({ container, faults }) => faults.loseMonitor((await container()).name)),
  },
  {
    name: "second-start",
    by: "the platform fails its first start; the second one carries the work out",
    titles: ["Send the receipt in the order's language"],
    comesTo: done,
    script: fixing,
    happens: (scene) => {
      let left = 1;
      const toMessage = async (env: Readonly<Record<string, string>>): Promise<string | undefined> => {
        if (left === 0 || !(await scene.owns(env))) return undefined;
        left -= 1;
        return "no such image on this host";
      };
      scene.atEnd(scene.faults.refuseStarts(toMessage));
      return Promise.resolve();
    },
  },
];

/** What a job that pushes nothing does not say. */
export const withoutPush = { newBranch: undefined, pushBranch: undefined, pr: undefined } as const;

/** Acts when the script says that the agent is in the middle of its work. */
export function afterWork(act: (scene: Scene) => Promise<void>): (scene: Scene) => Promise<void> {
  return async (scene) => {
    await scene.reached("at-work");
    await act(scene);
  };
}

/** A signal to the harness's own process, as nobody in the Worker sends it. */
export async function kill(scene: Scene, signal: NodeJS.Signals, attempt = 1): Promise<void> {
  const { pid } = await scene.container(attempt);
  if (pid !== null) process.kill(pid, signal);
}

/** An agent that says this and does nothing. */
export function saying(scene: Scene, text: string): Script {
  return thinking(scene, () => say(text));
}
