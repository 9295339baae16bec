/** Containers that end, vanish, fall silent, or are never there. */
import type { Fate } from "../fate.ts";
import { fixing, workingOnceLost, workingUntilStopped } from "../scripts.ts";
import { afterWork, kill } from "./done.ts";

const reported = { recovery: "report" } as const;

export const containerFates: readonly Fate[] = [
  {
    name: "crashed",
    by: "SIGKILL of the harness; its policy reports and does not heal",
    titles: ["Warm the cache at start", "Compress the nightly export"],
    comesTo: { kind: "ends", code: "evicted-crash" },
    policy: reported,
    script: workingUntilStopped,
    happens: afterWork((scene) => kill(scene, "SIGKILL")),
  },
  {
    name: "out-of-memory",
    by: "killed as memory runs out; its policy reports and does not heal",
    titles: ["Load the whole catalogue into the matcher"],
    comesTo: { kind: "ends", code: "evicted-crash" },
    policy: reported,
    script: workingUntilStopped,
    happens: afterWork(async ({ container, faults }) => faults.outOfMemory((await container()).name)),
  },
  {
    name: "crashes-again",
    by: "SIGKILL of the harness in its first attempt and in its second: the budget for crashes is spent",
    titles: ["Rebuild the search index"],
    comesTo: { kind: "ends", code: "evicted-crash", recoveries: 1 },
    script: (scene) => workingOnceLost(scene, 2),
    happens: async (scene) => {
      await scene.reached("at-work");
      await kill(scene, "SIGKILL", 1);
      await scene.until(({ attempt, phase }) => attempt === 2 && phase === "agent");
      await kill(scene, "SIGKILL", 2);
    },
  },
  {
    name: "vanished",
    by: "the container is gone and nobody learns its exit code; its policy reports",
    titles: ["Move sessions out of the database"],
    comesTo: { kind: "ends", code: "evicted-transient" },
    policy: reported,
    script: workingUntilStopped,
    happens: afterWork(async ({ container, faults }) => faults.endWithoutExitCode((await container()).name)),
  },
  {
    name: "stopped-by-platform",
    by: "SIGTERM from the platform; its policy reports",
    titles: ["Sign the outgoing webhooks", "Rotate the API keys of partners"],
    comesTo: { kind: "ends", code: "evicted-transient" },
    policy: reported,
    script: workingUntilStopped,
    happens: afterWork(async ({ container, faults }) => faults.platformStop((await container()).name)),
  },
  {
    name: "fell-silent",
    by: "SIGSTOP of the harness: it neither beats nor answers; its policy reports",
    titles: ["Measure the cold start of the worker"],
    comesTo: { kind: "ends", code: "evicted-transient" },
    policy: { ...reported, silenceMs: 10_000 },
    script: workingUntilStopped,
    happens: afterWork((scene) => kill(scene, "SIGSTOP")),
  },
  {
    name: "never-starts",
    by: "the platform fails every start",
    titles: ["Try the job on the new image"],
    comesTo: { kind: "ends", code: "start-failed" },
    script: fixing,
    happens: (scene) => {
      const toMessage = async (env: Readonly<Record<string, string>>): Promise<string | undefined> =>
        (await scene.owns(env)) ? "no such image on this host" : undefined;
      scene.atEnd(scene.faults.refuseStarts(toMessage));
      return Promise.resolve();
    },
  },
  {
    name: "unproven",
    by: "cancelled, while its harness is stopped by SIGSTOP and the platform does not get rid of its container",
    titles: ["Shut the legacy poller down"],
    comesTo: { kind: "ends", code: "stop-unproven" },
    // The twenty minutes in which a death has to be proved are 24 s.
    policy: { scale: 0.02 },
    script: workingUntilStopped,
    happens: afterWork(async (scene) => {
      const { id } = await scene.container();
      scene.atEnd(scene.faults.holdRemovals((container) => container.id === id));
      await kill(scene, "SIGSTOP");
      await scene.cancel("the poller is switched off by hand");
    }),
  },
];
