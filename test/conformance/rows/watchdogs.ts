/** What keeps a job alive, and what else ends it. Which causes are told is a matter of other rows. */

import { setTimeout as sleep } from "node:timers/promises";
import { demand, demandMatch, demandSame } from "../demand.ts";
import { inactivityMs } from "../environment.ts";
import { group } from "../row.ts";
import { behave, emit } from "../world/behaviour.ts";
import { piSays, piSession } from "../world/events.ts";
import { demandSuccess } from "../world/job.ts";

const seconds = (ms: number): string => (ms / 1_000).toFixed(1);

export const watchdogRows = group("watchdogs", [
  {
    id: "activity",
    waits: true,
    title: "every output of the agent is activity, on standard error too",
    check: async (kit) => {
      const pause = `sleep ${seconds(inactivityMs * 0.4)}`;
      const behaviour = behave(
        emit(piSession),
        pause,
        "echo 'still here' >&2",
        pause,
        "echo 'no event at all'",
        pause,
        emit(...piSays("awake")),
      );
      const { view } = await kit.run({ mode: "explore", behaviour });
      demandSuccess(view);
      demandSame("summary", view.result?.summary, "awake");
    },
  },
  {
    id: "silent-steps",
    waits: true,
    title: "the silence of a clone and that of the agent do not add up",
    defects: [14],
    check: async (kit) => {
      const { server, cloneUrl } = await kit.openRepositories();
      const hold = server.hold("fetch");
      const behaviour = behave(`sleep ${seconds(inactivityMs * 0.75)}`, emit(...piSays("awake")));
      const job = await kit.start({ mode: "explore", behaviour, repo: { cloneUrl: cloneUrl() } });
      await hold.held;
      await sleep(inactivityMs * 0.35);
      hold.release();
      const { view } = await job.ended();
      demandSuccess(view);
    },
  },
  {
    id: "git-gives-up",
    waits: true,
    title: "a clone that takes too long is git's failure, and says so",
    defects: [22],
    check: async (kit) => {
      const { server, cloneUrl } = await kit.openRepositories();
      const hold = server.hold("fetch");
      const job = await kit.start({ mode: "explore", behaviour: "exit 9", repo: { cloneUrl: cloneUrl() } });
      await hold.held;
      const { view } = await job.ended();
      hold.release();
      demandSame("state", view.state, "failed");
      demandMatch("error", view.error, /^Command failed: git [^]*timed out/);
    },
  },
  {
    id: "repair-ends",
    waits: true,
    title: "a job that its whole duration ends in a repair has failed for that",
    defects: [13],
    check: async (kit) => {
      const behaviour = behave(emit(...piSays("no JSON")));
      const fields = { output: { kind: "structured" } };
      const job = await kit.plan({ mode: "explore", behaviour, fields });
      kit.model.answer(job.model, null);
      await job.post();
      const { view } = await job.ended();
      demand(kit.model.asked(job.model) > 0, "a call of the model", view);
      demandSame("state", view.state, "failed");
      demandMatch("error", view.error, /max duration/);
    },
  },
]);
