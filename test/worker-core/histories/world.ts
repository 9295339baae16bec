import type { Beat } from "../../../shared/beat.ts";
import type { Terminal } from "../../../shared/job-result.ts";
import { deadlines } from "../../../worker/execution/deadlines.ts";
import type { Effect } from "../../../worker/execution/effect.ts";
import type { Happening } from "../../../worker/execution/input.ts";
import {
  BOOT,
  DONE,
  FAILED,
  makeBeat,
  makeDispatch,
  makeOutput,
  makePolicy,
  makeTake,
  makeToolEnd,
} from "../build.ts";
import { Run, type Taken } from "../run.ts";
import { jobIds, type Move } from "./moves.ts";

/** One step, and the container that really lived when it was taken. */
export type Lived = Taken & { readonly alive: string | null };

/** Minutes become seconds, so that a history of sixty moves sees most deadlines pass. */
export const policy = makePolicy({
  queuedMs: 60_000,
  startingMs: 20_000,
  silenceMs: 10_000,
  maxDurationMs: 240_000,
  inactivityMs: 240_000,
  toolSilenceMs: 240_000,
  cloneMs: 30_000,
  setupMs: 60_000,
  pushMs: 30_000,
  idleMs: 15_000,
  retentionMs: 600_000,
  recovery: "heal",
});

/**
 * A platform and a harness that may be slow, lossy and repetitive, but never lie about a death. Plays moves against the
 * core; moves that make no sense in a state do nothing.
 */
export class World {
  readonly run = new Run();
  readonly lived: Lived[] = [];
  alive: string | null = null;
  #pending: Effect[] = [];
  #served: Effect[] = [];
  #seqs = new Map<string, number>();
  #lastBeat: Beat | null = null;

  play(moves: readonly Move[]): this {
    for (const move of moves) this.#move(move);
    return this;
  }

  /** From here on everybody does his duty and the harness is mute, until nothing is left to do. */
  settle(): this {
    for (let turn = 0; turn < 3_000; turn += 1) {
      if (this.#pending.length > 0) {
        this.#serve("mute");
        continue;
      }
      const { state, now } = this.run;
      const next = state === null ? undefined : deadlines(state)[0];
      if (next === undefined || next.name === "retention") return this;
      this.#give({ kind: "tick" }, Math.max(1, next.at - now));
    }
    throw new Error("this history does not come to an end");
  }

  #give(input: Happening, afterMs = 0): Taken {
    const taken = this.run.give(input, afterMs);
    this.lived.push({ ...taken, alive: this.alive });
    this.#pending.push(...taken.effects);
    return taken;
  }

  #move(move: Move): void {
    switch (move.kind) {
      case "pass":
        this.run.now += move.ms;
        return;
      case "tick":
        return this.#tick(move);
      case "dispatch":
        this.#give(
          makeDispatch({
            jobId: jobIds[move.job],
            door: move.door,
            again: move.again,
            policy,
            size: move.size,
          }),
        );
        return;
      case "cancel":
        this.#give({ kind: "cancel", jobId: jobIds[move.job], reason: "not wanted" });
        return;
      case "release":
        this.#give({ kind: "release", reason: "all done" });
        return;
      case "take":
        this.#give(makeTake(jobIds[move.job]));
        return;
      case "serve":
        this.#serve(move.how);
        return;
      case "repeat":
        if (this.#served.length > 0) this.#pending.push(...this.#served.slice(-move.count));
        return;
      case "crash":
        return this.#crash(move.code);
      case "vanish":
        this.alive = null;
        this.#give({ kind: "woke", running: false });
        return;
      case "wake":
        this.#give({ kind: "woke", running: this.alive !== null });
        return;
      case "beat":
        return this.#beat(move);
      case "stale":
        return this.#stale(move.what);
    }
  }

  #tick({ offsetMs }: Extract<Move, { kind: "tick" }>): void {
    const { state, now } = this.run;
    const next = state === null ? undefined : deadlines(state)[0];
    const at = Math.max(now, (next?.at ?? now) + offsetMs);
    this.#give({ kind: "tick" }, at - now);
  }

  #serve(how: Extract<Move, { kind: "serve" }>["how"]): void {
    const effect = this.#pending.shift();
    const { state } = this.run;
    if (effect === undefined || state === null) return;
    this.#served.push(effect);
    if (!("instance" in effect) || state.instance?.id !== effect.instance) return;
    const { instance } = effect;
    const well = how === "well" || how === "mute";
    switch (effect.kind) {
      case "start":
        return this.#start(instance, how);
      case "probe":
        if (this.alive !== instance) return;
        if (well) this.#give({ kind: "ready", instance, boot: BOOT });
        else this.#give({ kind: "probe-noted", instance, text: "connection refused" });
        return;
      case "verify":
        if (how === "oddly") this.#give({ kind: "foreign", instance, seen: "instance-other" });
        return;
      case "post":
        return this.#post(effect, how);
      case "ask":
        return this.#ask("answered", effect, how);
      case "poll":
        return this.#ask("polled", effect, how);
      case "tell-stop":
        this.#give({ kind: "stop-told", instance, jobId: effect.jobId, ok: well, text: "told" });
        return;
      case "signal":
        this.#give({ kind: "signalled", instance, signo: effect.signo, ok: well, text: "sent" });
        if (how === "well") this.#crash(143);
        return;
      case "destroy":
        if (well) this.alive = null;
        if (well) this.#give({ kind: "dead", instance, proof: "destroy() resolved" });
        else this.#give({ kind: "destroy-unproved", instance, text: "no proof" });
        return;
      case "keep-alive":
    }
  }

  #start(instance: string, how: string): void {
    const wanted = this.run.it.instance?.phase === "written" && this.run.it.instance.intent === null;
    if (!wanted) return;
    if (how === "badly" || how === "oddly") {
      const cause = how === "badly" ? "no-capacity" : "other";
      this.#give({ kind: "start-failed", instance, cause, message: "it would not start" });
      return;
    }
    this.alive = instance;
    this.#give({ kind: "started", instance });
  }

  #post(effect: Extract<Effect, { kind: "post" }>, how: string): void {
    const { instance, jobId, attempt } = effect;
    if (this.alive !== instance || how === "badly") return;
    if (how === "oddly") this.#give({ kind: "refused", instance, jobId, attempt, error: "bad body" });
    else this.#give({ kind: "accepted", instance, jobId, attempt, boot: BOOT, beats: true });
  }

  #ask(kind: "answered" | "polled", effect: Extract<Effect, { kind: "ask" | "poll" }>, how: string): void {
    const { instance, jobId, attempt } = effect;
    if (how === "oddly") {
      this.#give({ kind, instance, jobId, attempt, answer: { kind: "unknown-job" } });
    } else if (how === "well" && this.alive === instance) {
      const view = { id: jobId, state: "running" as const, startedAt: 0, heartbeatAt: 0, phase: "agent" };
      this.#give({ kind, instance, jobId, attempt, answer: { kind: "known", view } });
    } else {
      this.#give({
        kind,
        instance,
        jobId,
        attempt,
        answer: { kind: "no-answer", text: "timeout" },
      });
    }
  }

  #crash(code: number): void {
    const instance = this.alive;
    if (instance === null) return;
    this.alive = null;
    this.#give({ kind: "exited", instance, code, message: `exit ${code}` });
  }

  #beat(move: Extract<Move, { kind: "beat" }>): void {
    if (move.order === "doubled" && this.#lastBeat !== null) {
      this.#give({ kind: "beat", beat: this.#lastBeat });
      return;
    }
    const { state } = this.run;
    const job = state?.jobs.find(({ current }) => current !== null && current.instance === this.alive);
    if (job?.current == null) return;
    const key = `${job.jobId} ${job.attempt}`;
    const sent = this.#seqs.get(key) ?? 0;
    const from = move.order === "hole" ? sent + 2 : sent + 1;
    const events = Array.from({ length: move.events }, (_, index) =>
      index % 2 === 0 ? makeOutput(from + index) : makeToolEnd(from + index),
    );
    if (move.order === "swapped") events.reverse();
    const beat = makeBeat({
      jobId: job.jobId,
      attempt: job.attempt,
      instance: job.current.instance,
      sentAt: move.sentAt,
      phase: move.phase,
      outputAgeMs: move.ageMs,
      toolAgeMs: move.ageMs,
      events,
      ...terminalOf(move.end),
    });
    this.#lastBeat = beat;
    const { reply } = this.#give({ kind: "beat", beat });
    if (reply.kind === "beat") this.#seqs.set(key, reply.reply.ack);
  }

  #stale(what: Extract<Move, { kind: "stale" }>["what"]): void {
    const { state } = this.run;
    const job = state?.jobs.at(-1);
    const jobId = job?.jobId ?? jobIds[0];
    const instance = state?.lastInstance?.id ?? "instance-old";
    const attempt = Math.max(1, job?.attempt ?? 1);
    const live = state?.instance?.id ?? "instance-none";
    const inputs: Record<typeof what, Happening> = {
      exited: { kind: "exited", instance, code: 0, message: "exit 0" },
      dead: { kind: "dead", instance, proof: "an old proof" },
      started: { kind: "started", instance },
      ready: { kind: "ready", instance, boot: BOOT },
      accepted: { kind: "accepted", instance, jobId, attempt, boot: BOOT, beats: true },
      refused: { kind: "refused", instance, jobId, attempt, error: "bad body" },
      "start-failed": { kind: "start-failed", instance, cause: "other", message: "late" },
      unproved: { kind: "destroy-unproved", instance, text: "late" },
      beat: { kind: "beat", beat: makeBeat({ jobId, attempt, instance, terminal: DONE }) },
      "old-attempt": {
        kind: "beat",
        beat: makeBeat({ jobId, attempt: attempt + 1, instance: live, terminal: DONE }),
      },
      "other-job": { kind: "beat", beat: makeBeat({ jobId: "never-seen", instance: live }) },
    };
    this.#give(inputs[what]);
  }
}

function terminalOf(end: "none" | "done" | "failed"): { readonly terminal?: Terminal } {
  if (end === "none") return {};
  return { terminal: end === "done" ? DONE : FAILED };
}
