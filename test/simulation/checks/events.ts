import { isDeepStrictEqual } from "node:util";
import type { NewEvent } from "../../../worker/execution/lifecycle/turn.ts";
import { jobOf } from "../../../worker/execution/state.ts";
import type { Check } from "../checks.ts";
import { type Ledger, roundKey, type Seen } from "../ledger.ts";

export const eventChecks: readonly Check[] = [
  { promise: "invariant 4", check: eachOnceInOrder },
  { promise: "invariant 4", check: losesNothingUnsaid },
  { promise: "usage", check: countsWhatWasUsed },
];

function eachOnceInOrder({ input, site, stepped }: Seen, { stored }: Ledger): string | null {
  for (const event of stepped.events) {
    if (event.seq === null) continue;
    const key = `${event.jobId} ${event.attempt}`;
    if (event.seq !== (stored.get(key) ?? 0) + 1) return `event ${event.seq} follows ${stored.get(key) ?? 0}`;
    stored.set(key, event.seq);
    if (!isAsEmitted(event, site)) return `event ${event.seq} of ${key} is not what was sent`;
  }
  if (input.kind !== "beat" || stepped.reply.kind !== "beat") return null;
  const key = `${input.beat.jobId} ${input.beat.attempt}`;
  const { ack } = stepped.reply.reply;
  return ack === (stored.get(key) ?? 0) ? null : `${ack} is acknowledged and ${stored.get(key) ?? 0} stored`;
}

function isAsEmitted({ attempt, body, jobId, kind, seq }: NewEvent, { works }: Seen["site"]): boolean {
  const emitted = works.get(`${jobId} ${attempt}`)?.emitted[(seq ?? 0) - 1];
  if (emitted === undefined || emitted.kind !== kind) return false;
  const { at: _at, kind: _kind, seq: _seq, ...sent } = emitted;
  return Object.entries(sent).every(([name, value]) => isDeepStrictEqual(body[name], value));
}

/** Where an attempt is over and not all it had to tell is stored, the log says that something is missing. */
function losesNothingUnsaid({ after, before, site }: Seen, { gaps, stored }: Ledger): string | null {
  for (const job of after?.jobs ?? []) {
    const old = before === null ? null : jobOf(before, job.jobId);
    if (old === null || old === job || old.current === null || old.round !== job.round) continue;
    const isOver = job.end !== null ? old.end === null : job.current?.instance !== old.current.instance;
    if (!isOver || !old.current.accepted) continue;
    const key = `${job.jobId} ${old.attempt}`;
    const work = site.works.get(key);
    if (work === undefined || !work.plan.beats || gaps.has(key)) continue;
    const missing = work.unstored(stored.get(key) ?? 0);
    if (missing > 0)
      return `attempt ${old.attempt} of ${job.jobId} lost ${missing} events and the log says nothing`;
  }
  return null;
}

function countsWhatWasUsed({ after, before }: Seen, { rounds }: Ledger): string | null {
  for (const job of after?.jobs ?? []) {
    if (before !== null && jobOf(before, job.jobId)?.tokens === job.tokens) continue;
    const counted = job.tokens.reduce((sum, { input }) => sum + input, 0);
    const used = rounds.get(roundKey(job))?.tokens ?? 0;
    if (counted !== used) return `${counted} tokens are counted of ${used}`;
  }
  return null;
}
