import type { HarnessEvent } from "../../shared/events.ts";
import type { Terminal } from "../../shared/job-result.ts";
import { Ends, type Plan } from "./plans.ts";

/** Events that a batch carries, and that may wait unsent before some are dropped. */
const BATCH = 8;
const WAITING_MAX = 24;

/** One attempt of a job as it really goes in its container: what was done, what was said, what was heard of it. */
export class Work {
  readonly jobId: string;
  readonly attempt: number;
  readonly plan: Plan;
  readonly beganAt: number;
  readonly skewMs: number;
  /** What was given a number, by number: what may be stored, each once. */
  readonly emitted: HarnessEvent[] = [];
  phase = "starting";
  outputAt: number | null = null;
  toolAt: number | null = null;
  terminal: Terminal | null = null;
  /** Every event and the end are known to be stored. */
  isHeard = false;
  stopAsked = false;
  /** The longest that a beat of it was under way. */
  delayedMs = 0;
  #beats = 0;
  #acked = 0;
  #waiting: HarnessEvent[] = [];
  #turns = 0;

  constructor(it: { jobId: string; attempt: number; plan: Plan; beganAt: number; skewMs: number }) {
    this.jobId = it.jobId;
    this.attempt = it.attempt;
    this.plan = it.plan;
    this.beganAt = it.beganAt;
    this.skewMs = it.skewMs;
  }

  /** Events that the object cannot have stored yet. */
  unstored(storedThrough: number): number {
    return this.emitted.length - storedThrough + this.#waiting.length;
  }

  /** What has been done since the last look. @returns how many events were dropped */
  goOn(now: number): number {
    if (this.terminal !== null) return 0;
    this.#turns += 1;
    const spent = now - this.beganAt;
    const { agentMs, cloneMs, pushMs } = this.plan;
    const phase = spent < cloneMs ? "clone" : spent < cloneMs + agentMs ? "agent" : "push";
    if (phase !== this.phase) this.#waiting.push({ ...this.#unsent(now), kind: "phase", phase });
    this.phase = phase;
    if (phase === "agent") this.#workAsAgent(now);
    if (spent >= cloneMs + agentMs + pushMs) this.finish(endOf(this));
    return this.#makeRoom();
  }

  nextBeatNumber(): number {
    this.#beats += 1;
    return this.#beats;
  }

  finish(terminal: Terminal): void {
    this.terminal ??= terminal;
  }

  note(now: number, code: string): void {
    this.#waiting.push({ ...this.#unsent(now), kind: "note", code, text: code });
  }

  /** The oldest events that are not known to be stored, and the end where nothing is left beside them. */
  batch(): { readonly events: readonly HarnessEvent[]; readonly terminal: Terminal | null } {
    while (this.emitted.length - this.#acked < BATCH) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.emitted.push({ ...next, seq: this.emitted.length + 1 });
    }
    const events = this.emitted.slice(this.#acked, this.#acked + BATCH);
    const isLast = this.#waiting.length === 0;
    return { events, terminal: isLast ? this.terminal : null };
  }

  acknowledge(ack: number, carriedEnd: boolean): void {
    this.#acked = Math.max(this.#acked, ack);
    if (carriedEnd && this.#acked === this.emitted.length && this.#waiting.length === 0) this.isHeard = true;
  }

  #workAsAgent(now: number): void {
    const { agent, floods } = this.plan;
    if (agent === "mute") return;
    this.outputAt = now;
    this.#waiting.push({
      ...this.#unsent(now),
      kind: "output",
      stream: "agent",
      text: `line ${this.#turns} of attempt ${this.attempt}`,
    });
    if (this.#turns === 3 && floods) this.#flood(now);
    if (agent === "chatters") return;
    this.toolAt = now;
    this.#waiting.push({
      ...this.#unsent(now),
      kind: "tool-end",
      tool: "bash",
      callId: `call-${this.#turns}`,
      ok: true,
      durationMs: 5,
    });
    if (this.#turns % 2 === 0) {
      const counts = { inputTokens: 7, cacheReadTokens: 3, cacheWriteTokens: 2, outputTokens: 5 };
      this.#waiting.push({ ...this.#unsent(now), kind: "usage", model: "scripted", ...counts });
    }
    if (this.#turns === 4) this.note(now, "base-commit");
    if (this.#turns === 5)
      this.#waiting.push({
        ...this.#unsent(now),
        kind: "follow-up",
        followUp: { kind: "question", title: "which?", detail: "of two" },
      });
  }

  #flood(now: number): void {
    for (let n = 0; n < 20; n += 1) {
      this.#waiting.push({ ...this.#unsent(now), kind: "note", code: `flood-${n}`, text: "x".repeat(9_000) });
      this.#waiting.push({
        ...this.#unsent(now),
        kind: "output",
        stream: "agent",
        text: `${"y".repeat(600)}\n`.repeat(10),
      });
    }
  }

  /** By the container's clock, and without a number until it is first sent. */
  #unsent(now: number): { readonly seq: number; readonly at: number } {
    return { seq: 0, at: now + this.skewMs };
  }

  #makeRoom(): number {
    if (this.#waiting.length <= WAITING_MAX + (this.plan.floods ? 60 : 0)) return 0;
    const [first] = this.#waiting;
    const dropped = this.#waiting.splice(0, Math.ceil(this.#waiting.length / 2));
    const count = dropped.reduce((sum, event) => sum + (event.kind === "gap" ? (event.count ?? 0) : 1), 0);
    this.#waiting.unshift({ seq: 0, at: first?.at ?? 0, kind: "gap", count, reason: "the buffer was full" });
    return count;
  }
}

function endOf({ plan, attempt }: Work): Terminal {
  if (plan.end === "expired" && attempt === 1) return Ends.done;
  return Ends[plan.end];
}
