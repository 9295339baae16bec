/** What people do to jobs. */
import type { Fate } from "../fate.ts";
import { fixing, workingUntilStopped } from "../scripts.ts";
import { afterWork } from "./done.ts";

export const peopleFates: readonly Fate[] = [
  {
    name: "cancelled",
    by: "somebody cancels it while its agent works",
    titles: ["Rewrite the mailer in one go", "Remove the old checkout"],
    comesTo: { kind: "ends", code: "cancelled" },
    script: workingUntilStopped,
    happens: afterWork(({ cancel }) => cancel("the plan has changed; see the ticket")),
  },
  {
    name: "changed-mind",
    by: "somebody cancels it as soon as it is there",
    titles: ["Turn on strict mode everywhere"],
    comesTo: { kind: "ends", code: "cancelled" },
    script: fixing,
    happens: async ({ until, cancel }) => {
      await until(() => true);
      await cancel("dispatched twice by mistake");
    },
  },
  {
    name: "released",
    by: "its execution is released while its agent works",
    titles: ["Benchmark the new index"],
    comesTo: { kind: "ends", code: "released" },
    script: workingUntilStopped,
    happens: afterWork(({ release }) => release()),
  },
];
