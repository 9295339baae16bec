/** Beats: what the harness of an execution sends by itself, where its 202 says that it does. */

import { randomBytes } from "node:crypto";
import { Mismatch, NotOffered, demand, demandMatch, demandSame } from "../demand.ts";
import { inactivityMs, maxDurationMs } from "../environment.ts";
import { group } from "../row.ts";
import { behave, commit, emit, hang, leaveHeartbeat, reach, waitFor } from "../world/behaviour.ts";
import { piCall, piEnd, piMessage, piSession } from "../world/events.ts";
import { type Kit, type Plan, instanceOf, shared } from "../world/kit.ts";
import { type AttemptLog, type SeenBeat, nextBeatMs } from "../world/object.ts";
import { demandStill } from "./processes.ts";
import { field } from "./protocol.ts";

const firstBeatMs = 8_000;
const endMs = 30_000;

const limits = {
  cloneMs: inactivityMs,
  setupMs: inactivityMs,
  pushMs: inactivityMs,
  inactivityMs,
  maxDurationMs,
  marginMs: 1_000,
  checkpointMs: 60_000,
  killGraceMs: 1_000,
} as const;

/** Dispatches a job as an object does; skips where the harness does not promise beats. */
async function dispatch(kit: Kit, plan: Plan, prepare: (log: AttemptLog) => void = () => undefined) {
  const instance = instanceOf(kit);
  const beatKey = randomBytes(24).toString("hex");
  const log = kit.object.expect(beatKey);
  prepare(log);
  const job = await kit.plan(plan);
  const envelope = { executionId: "kit", instance, attempt: 1, round: 1, beatKey, nextBeatMs, limits };
  const { status, body, text } = await job.post({ holtAttempt: envelope });
  demand(status === 202, "202 for a job with an attempt", `${status} ${text}`);
  if (field(body, "beats") !== true) throw new NotOffered("the harness's 202 promises no beats");
  await within(
    firstBeatMs,
    log.beats.waitFor(() => true),
    `a beat at ${kit.object.url}`,
  );
  return { job, log };
}

async function lastBeat(log: AttemptLog): Promise<SeenBeat> {
  const isLast = ({ beat, isStored }: SeenBeat): boolean => isStored && beat.terminal !== undefined;
  return within(endMs, log.beats.waitFor(isLast), "a beat with the end of the job");
}

async function within<T>(ms: number, waiting: Promise<T>, what: string): Promise<T> {
  const timeout = new Promise<never>((_, reject) => {
    const fail = (): void => reject(new Mismatch(`${what} within ${ms / 1_000} s`, "none"));
    setTimeout(fail, ms).unref();
  });
  return Promise.race([waiting, timeout]);
}

/** A job whose first beats are refused, to its end. */
const beaten = shared(async (kit: Kit) => {
  const behaviour = behave(
    emit(piSession, ...piCall("bash"), ...piCall("read", { callId: "call_1" })),
    waitFor("go"),
    commit("new.txt", "new"),
    emit(...piEnd(piMessage("told by beats", { calls: ["bash", "read"] }))),
  );
  const fields = { newBranch: kit.fresh("beaten") };
  const refuseSome = (log: AttemptLog): void => void (log.refusals = 2);
  const { job, log } = await dispatch(kit, { mode: "coding", behaviour, fields }, refuseSome);
  const isCalled = ({ beat, isStored }: SeenBeat): boolean =>
    isStored && beat.events.some(({ kind }) => kind === "tool-end");
  await within(firstBeatMs, log.beats.waitFor(isCalled), "a beat with a tool call");
  await job.place.signal("go");
  const last = await lastBeat(log);
  return { job, beats: log.beats.all(), last };
});

export const beatRows = group("beats", [
  {
    id: "beats",
    kind: "beyond",
    title: "beats come by themselves with job, attempt, instance and key, and never stop while it works",
    check: async (kit) => {
      const { beats, job } = await beaten(kit);
      for (const { beat } of beats) {
        const seen = [beat.jobId, beat.attempt, beat.instance];
        demandSame("job, attempt, instance", seen, [job.id, 1, kit.instance]);
      }
      demandSame("beats that were none of this", kit.object.strays(), []);
    },
  },
  {
    id: "beats-events",
    kind: "beyond",
    title: "events are numbered without a gap, and what was not stored comes again",
    check: async (kit) => {
      const { beats } = await beaten(kit);
      const refused = beats.filter(({ isStored }) => !isStored);
      demand(refused.length > 0, "beats that were refused", beats.length);
      const stored = beats.filter(({ isStored }) => isStored).flatMap(({ beat }) => beat.events);
      const numbers = [...new Set(stored.map(({ seq }) => seq))].toSorted((a, b) => a - b);
      demandSame(
        "numbers",
        numbers,
        numbers.map((_, index) => index + 1),
      );
      const ended = new Map(stored.map((event) => [event.seq, event]));
      const tools = [...ended.values()].flatMap((event) => (event.kind === "tool-end" ? [event.tool] : []));
      demandSame("tool calls", tools, ["bash", "read"]);
    },
  },
  {
    id: "beats-end",
    kind: "beyond",
    title: "the end comes with its result in a beat, and the view says the same",
    check: async (kit) => {
      const { last, job } = await beaten(kit);
      const { terminal } = last.beat;
      const { view } = await job.ended();
      demandSame("state", [terminal?.state, view.state], ["done", "done"]);
      demandSame("result", terminal?.result, view.result);
      demandSame("pushed", field(view.result, "pushed"), true);
    },
  },
  {
    id: "beats-directive",
    kind: "beyond",
    title: "a stop in the answer to a beat stops the job, and leaves no process",
    check: async (kit) => {
      const behaviour = behave(emit(piSession), leaveHeartbeat("closed"), reach("begun"), hang);
      const { job, log } = await dispatch(kit, { mode: "explore", behaviour });
      await job.place.wait("begun");
      log.directives = [{ kind: "stop", cause: "cancelled", graceMs: 500 }];
      const { beat } = await lastBeat(log);
      demandSame("state", beat.terminal?.state, "failed");
      demandMatch("error", field(beat.terminal, "error"), /cancelled/);
      await demandStill(job.place);
    },
  },
]);
