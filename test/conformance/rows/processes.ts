/** What an agent started ends with it. */

import { setTimeout as sleep } from "node:timers/promises";
import { Mismatch, demand, demandMatch, demandSame } from "../demand.ts";
import { group } from "../row.ts";
import { behave, emit, hang, leaveHeartbeat, reach } from "../world/behaviour.ts";
import type { JobPlace } from "../world/agent-folder.ts";
import { piSays, piSession } from "../world/events.ts";

/** Several times the pause of a heartbeat. */
const stillMs = 1_000;

/** Stops when whoever wrote it has ended. */
export async function demandStill(place: JobPlace): Promise<void> {
  const before = await place.read("heartbeat");
  await sleep(stillMs);
  const after = await place.read("heartbeat");
  demand(before !== undefined, "a process of the agent's that had begun", before);
  if (after !== before) {
    throw new Mismatch("no process of the agent's left", `a heartbeat that went from ${before} to ${after}`);
  }
}

export const processRows = group("processes", [
  {
    id: "survivors-of-a-watchdog",
    waits: true,
    title: "an agent that a watchdog ends leaves no process, deaf and apart as it may be",
    defects: [27],
    check: async (kit) => {
      const behaviour = behave(emit(piSession), leaveHeartbeat("closed"), reach("begun"), hang);
      const job = await kit.start({ mode: "explore", behaviour });
      await job.place.wait("begun");
      const { view } = await job.ended();
      demandMatch("error", view.error, /no agent activity/);
      await demandStill(job.place);
    },
  },
  {
    id: "held-output",
    title: "a process that holds the agent's output does not hold the job, and is ended",
    defects: [27],
    check: async (kit) => {
      const behaviour = behave(leaveHeartbeat("held"), emit(...piSays("left something")));
      const job = await kit.start({ mode: "explore", behaviour });
      const { view } = await job.ended();
      demandSame("end", [view.state, view.result?.summary], ["done", "left something"]);
      await demandStill(job.place);
    },
  },
]);
