/** A known id is attached to and never run again. */

import { demandSame } from "../demand.ts";
import { group } from "../row.ts";
import { behave, emit, reach, waitFor } from "../world/behaviour.ts";
import { piSays } from "../world/events.ts";
import { shared } from "../world/kit.ts";
import type { Job } from "../world/job.ts";
import { exitedBadly } from "./failures.ts";
import { field } from "./protocol.ts";

/** A job that was dispatched again at work and when it was done. */
const attached = shared(async (kit) => {
  const behaviour = behave(reach("begun"), waitFor("go"), emit(...piSays("once")));
  const job = await kit.start({ mode: "explore", behaviour });
  await job.place.wait("begun");
  const atWork = await job.post({ userPrompt: "Something else." });
  await job.place.signal("go");
  const first = await job.ended();
  const whenDone = await job.post({ userPrompt: "Something else." });
  const second = await job.view();
  return { job, atWork, whenDone, first: first.view, second };
});

export const attachingRows = group("attaching", [
  {
    id: "again-running",
    title: "a job at work is attached to: 202, running, one agent, another body ignored",
    check: async (kit) => {
      const { job, atWork } = await attached(kit);
      demandSame("answer", [atWork.status, field(atWork.body, "state")], [202, "running"]);
      demandSame("jobId", field(atWork.body, "jobId"), job.id);
      await demandOneStart(job);
    },
  },
  {
    id: "again-done",
    title: "a job that is done is attached to: 202, done, the same view",
    check: async (kit) => {
      const { job, whenDone, first, second } = await attached(kit);
      demandSame("answer", [whenDone.status, field(whenDone.body, "state")], [202, "done"]);
      demandSame("the view after it", { ...second, spans: undefined }, { ...first, spans: undefined });
      await demandOneStart(job);
    },
  },
  {
    id: "again-failed",
    title: "a job that failed is attached to: 202, failed, not run again",
    check: async (kit) => {
      const { job, view } = await exitedBadly(kit);
      const again = await job.post();
      demandSame("answer", [again.status, field(again.body, "state")], [202, "failed"]);
      demandSame("error", (await job.view()).error, view.error);
      await demandOneStart(job);
    },
  },
  {
    id: "again-at-once",
    title: "two dispatches at the same moment are one job with one agent",
    check: async (kit) => {
      const behaviour = behave(reach("begun"), waitFor("go"), emit(...piSays("once")));
      const job = await kit.plan({ mode: "explore", behaviour });
      const answers = await Promise.all([job.post(), job.post(), job.post()]);
      demandSame(
        "statuses",
        answers.map(({ status }) => status),
        [202, 202, 202],
      );
      await job.place.wait("begun");
      await job.place.signal("go");
      await job.ended();
      await demandOneStart(job);
    },
  },
]);

async function demandOneStart({ place }: Job): Promise<void> {
  demandSame("starts of the agent", await place.read("starts"), "started\n");
}
