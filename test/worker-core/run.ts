import type { Beat } from "../../shared/beat.ts";
import type { Effect } from "../../worker/execution/effect.ts";
import type { Happening } from "../../worker/execution/input.ts";
import { step, type Stepped } from "../../worker/execution/lifecycle.ts";
import type { NewEvent, NewResult, Reply } from "../../worker/execution/lifecycle/turn.ts";
import { type ExecutionState, type Instance, type Job, jobOf } from "../../worker/execution/state.ts";
import { ALL_FITS, BOOT, JOB, makeBeat, makeDispatch, makeTake, type Request, T0 } from "./build.ts";

/** What one step came to, and what it began from. */
export type Taken = Stepped & {
  readonly before: ExecutionState | null;
  readonly input: Happening;
  readonly now: number;
};

/** Plays one history through `step` and remembers all that came of it. */
export class Run {
  state: ExecutionState | null = null;
  now = T0;
  readonly taken: Taken[] = [];
  readonly effects: Effect[] = [];
  readonly events: NewEvent[] = [];
  readonly results: NewResult[] = [];
  /** Whether every slot that is asked for is granted at once. */
  grants = true;

  /** One input `afterMs` later than the one before. */
  give(input: Happening, afterMs = 0): Taken {
    this.now += afterMs;
    const before = this.state;
    const freshId = `instance-${String(this.taken.length).padStart(4, "0")}`;
    const stepped = step(before, { ...input, freshId }, this.now);
    this.state = stepped.state;
    const wantsSlot = this.grants && stepped.effects.some(({ kind }) => kind === "ask-slot");
    this.effects.push(...stepped.effects.filter(({ kind }) => !(wantsSlot && kind === "ask-slot")));
    this.events.push(...stepped.events);
    this.results.push(...stepped.results);
    const taken = { ...stepped, before, input, now: this.now };
    this.taken.push(taken);
    return wantsSlot ? this.#granted(taken) : taken;
  }

  /** What came of an input and of the slot it asked for, as one. */
  #granted(asked: Taken): Taken {
    const granted = this.give({ kind: "slot", answer: { kind: "granted" } });
    return {
      ...asked,
      state: granted.state,
      effects: [...asked.effects.filter(({ kind }) => kind !== "ask-slot"), ...granted.effects],
      events: [...asked.events, ...granted.events],
      results: [...asked.results, ...granted.results],
    };
  }

  get it(): ExecutionState {
    if (this.state === null) throw new Error("nothing was dispatched yet");
    return this.state;
  }

  /** The one job of most tests. */
  get job(): Job {
    return this.jobOf(JOB);
  }

  jobOf(jobId: string): Job {
    const job = jobOf(this.it, jobId);
    if (job === null) throw new Error(`no job ${jobId}`);
    return job;
  }

  get instance(): Instance {
    const { instance } = this.it;
    if (instance === null) throw new Error("no container lives");
    return instance;
  }

  dispatch(over: Partial<Request> = {}, afterMs = 0): Taken {
    return this.give(makeDispatch(over), afterMs);
  }

  tick(afterMs = 0): Taken {
    return this.give({ kind: "tick" }, afterMs);
  }

  started(afterMs = 0): Taken {
    return this.give({ kind: "started", instance: this.instance.id }, afterMs);
  }

  ready(afterMs = 0, boot: string | null = BOOT): Taken {
    return this.give({ kind: "ready", instance: this.instance.id, boot }, afterMs);
  }

  accepted(jobId = JOB, afterMs = 0): Taken {
    const { attempt } = this.jobOf(jobId);
    return this.give(
      { kind: "accepted", instance: this.instance.id, jobId, attempt, boot: BOOT, beats: true },
      afterMs,
    );
  }

  beat(over: Partial<Beat> = {}, afterMs = 0): Taken {
    const jobId = over.jobId ?? JOB;
    const { attempt, current } = this.jobOf(jobId);
    const instance = current?.instance ?? this.it.instance?.id ?? "instance-none";
    const sentAt = this.now + afterMs;
    return this.give({ kind: "beat", beat: makeBeat({ instance, attempt, sentAt, ...over }) }, afterMs);
  }

  cancel(afterMs = 0, jobId = JOB): Taken {
    return this.give({ kind: "cancel", jobId, reason: "not wanted" }, afterMs);
  }

  release(afterMs = 0): Taken {
    return this.give({ kind: "release", reason: "all done" }, afterMs);
  }

  /** A plain read beside whose view everything fits, unless told otherwise. */
  take(afterMs = 0, fits: Parameters<typeof makeTake>[1] = {}): Extract<Reply, { kind: "taken" }> {
    const everything = { ...ALL_FITS, followUpsThrough: this.it.cursor };
    const { reply } = this.give(makeTake(JOB, { running: everything, ended: everything, ...fits }), afterMs);
    if (reply.kind !== "taken") throw new Error(`a take was answered with ${reply.kind}`);
    return reply;
  }

  exited(code: number, afterMs = 0): Taken {
    return this.give({ kind: "exited", instance: this.instance.id, code, message: `exit ${code}` }, afterMs);
  }

  dead(afterMs = 0): Taken {
    return this.give({ kind: "dead", instance: this.instance.id, proof: "destroy() resolved" }, afterMs);
  }

  startFailed(cause: "no-capacity" | "rate-limited" | "other", afterMs = 0): Taken {
    return this.give(
      { kind: "start-failed", instance: this.instance.id, cause, message: `said ${cause}` },
      afterMs,
    );
  }

  answered(answer: Extract<Happening, { kind: "answered" }>["answer"], afterMs = 0): Taken {
    const { attempt } = this.job;
    return this.give({ kind: "answered", instance: this.instance.id, jobId: JOB, attempt, answer }, afterMs);
  }

  unproved(afterMs = 0): Taken {
    return this.give({ kind: "destroy-unproved", instance: this.instance.id, text: "no proof" }, afterMs);
  }
}

/** A history up to a job that the harness works on. */
export function runningRun(over: Partial<Request> = {}): Run {
  const run = new Run();
  run.dispatch(over);
  run.started(100);
  run.ready(900);
  run.accepted(over.jobId ?? JOB, 50);
  return run;
}

export function kindsOf(things: readonly { readonly kind: string }[]): readonly string[] {
  return things.map(({ kind }) => kind);
}
