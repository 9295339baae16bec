/** Stopping a job: `DELETE /jobs/{id}`, where the harness has it. */

import { demand, demandMatch, demandSame, NotOffered } from "../demand.ts";
import { group } from "../row.ts";
import { behave, commit, emit, hang, leaveHeartbeat, reach } from "../world/behaviour.ts";
import { piSays, piSession } from "../world/events.ts";
import { type Kit, shared } from "../world/kit.ts";
import { demandStill } from "./processes.ts";
import { field } from "./protocol.ts";

const wish = JSON.stringify({ cause: "cancelled", graceMs: 1_000 });

/** A harness without the route answers it like any other path that is none. */
const offered = shared(async ({ client }: Kit) => {
  const { status, body } = await client.send("DELETE", "/jobs/nobody", { body: wish });
  return { status, error: field(body, "error") };
});

async function demandOffer(kit: Kit): Promise<void> {
  const { status, error } = await offered(kit);
  if (status === 404 && error === "not found") throw new NotOffered("the harness has no DELETE /jobs/{id}");
}

const stopped = shared(async (kit: Kit) => {
  await demandOffer(kit);
  const behaviour = behave(
    emit(piSession),
    commit("half.txt", "half"),
    leaveHeartbeat("held"),
    reach("begun"),
    hang,
  );
  const newBranch = kit.fresh("stopped");
  const job = await kit.start({ mode: "coding", behaviour, fields: { newBranch } });
  await job.place.wait("begun");
  const answer = await job.stop({ cause: "cancelled", graceMs: 3_000, reason: "no need" });
  const ended = await job.ended(20_000);
  return { ...ended, job, answer, again: await job.stop() };
});

export const cancellingRows = group("cancel", [
  {
    id: "cancel",
    kind: "beyond",
    title: "a stop is 202, and ends the job as failed with its cause and reason",
    check: async (kit) => {
      const { view, answer, job } = await stopped(kit);
      demandSame("answer", [answer.status, field(answer.body, "jobId")], [202, job.id]);
      demandSame("state", view.state, "failed");
      demandMatch("error", view.error, /cancelled/);
      demand(!/evicted or crashed/.test(view.error ?? ""), "no word of an eviction", view.error);
    },
  },
  {
    id: "cancel-survivors",
    kind: "beyond",
    title: "nothing that the agent of a stopped job started is left",
    check: async (kit) => demandStill((await stopped(kit)).job.place),
  },
  {
    id: "cancel-again",
    kind: "beyond",
    title: "a stop of an ended job is 202 and changes nothing",
    check: async (kit) => {
      const { view, again, job } = await stopped(kit);
      demandSame("answer", [again.status, field(again.body, "state")], [202, "failed"]);
      demandSame("error", (await job.view()).error, view.error);
    },
  },
  {
    id: "cancel-refused",
    kind: "beyond",
    title: "a stop of an unknown job is 404, one without its cause 400; neither stops anything",
    check: async (kit) => {
      await demandOffer(kit);
      const { status, error } = await offered(kit);
      demandSame("unknown", [status, error], [404, "job not found"]);
      const behaviour = behave(reach("begun"), "sleep 1", emit(...piSays("undisturbed")));
      const job = await kit.start({ mode: "explore", behaviour });
      await job.place.wait("begun");
      demandSame("without a cause", (await job.stop({ graceMs: 100 })).status, 400);
      demandSame("summary", (await job.ended()).view.result?.summary, "undisturbed");
    },
  },
]);
