import type { Beat } from "../../shared/beat.ts";
import type { HarnessView } from "../../shared/harness-wire.ts";
import type { Plan } from "./plans.ts";
import { Work } from "./work.ts";

export type Exit = { readonly code: number | null; readonly message: string };

/** Of a container in whose place another ran: the exit that is seen is that one's. */
export const REPLACED = "another container took its place";

/** Half a millisecond a second slow. */
const DRIFTING = 0.9995;

/** One container as it really is, whatever the object believes of it. */
export class Container {
  readonly instance: string;
  boot: string;
  readonly bornAt: number;
  readonly skewMs: number;
  /** Until then the platform looks for room for it, and knows no container. */
  readonly placedAt: number;
  readonly listensAt: number;
  exit: (Exit & { readonly at: number }) | null = null;
  /** Until when the event loop stands still; nobody gets in; nothing gets out. */
  hungUntil = 0;
  deafUntil = 0;
  muteUntil = 0;
  obeysTerm = true;
  /** When a beat last did not get through for a reason other than an object that slept. */
  beatTroubleAt = Number.NEGATIVE_INFINITY;
  readonly works = new Map<string, Work>();

  constructor(it: Pick<Container, "instance" | "boot" | "bornAt" | "placedAt" | "listensAt" | "skewMs">) {
    this.instance = it.instance;
    this.boot = it.boot;
    this.bornAt = it.bornAt;
    this.placedAt = it.placedAt;
    this.listensAt = it.listensAt;
    this.skewMs = it.skewMs;
  }

  get isAlive(): boolean {
    return this.exit === null;
  }

  answers(now: number): boolean {
    return this.isAlive && now >= this.listensAt && now >= this.hungUntil && now >= this.deafUntil;
  }

  /** `POST /jobs`; the same attempt again is the same work. */
  take(job: { jobId: string; attempt: number; plan: Plan }, now: number): Work {
    const known = this.works.get(job.jobId);
    if (known?.attempt === job.attempt) return known;
    const work = new Work({ ...job, beganAt: now, skewMs: this.skewMs });
    this.works.set(job.jobId, work);
    this.obeysTerm = job.plan.obeysTerm;
    return work;
  }

  /** `GET /jobs/{id}`; what is told of spans is told once. */
  view(jobId: string, now: number): HarnessView | null {
    const work = this.works.get(jobId);
    if (work === undefined) return null;
    if (now >= this.hungUntil) work.goOn(now);
    const { terminal } = work;
    const clock = now + this.skewMs;
    return {
      id: jobId,
      state: terminal === null ? "running" : terminal.state,
      startedAt: work.beganAt + this.skewMs,
      heartbeatAt: (work.outputAt ?? work.beganAt) + this.skewMs,
      phase: work.phase,
      boot: this.boot,
      attempt: work.attempt,
      spans: work.toolAt === now ? [{ tool: "bash", startedAt: clock - 5, endedAt: clock, ok: true }] : [],
      ...(terminal?.state === "done" && { result: terminal.result }),
      ...(terminal?.state === "failed" && { error: terminal.error, failureCause: terminal.failureCause }),
    };
  }

  beatOf(work: Work, now: number): Beat {
    const { events, terminal } = work.batch();
    // A clock that is off drifts too.
    const rate = this.skewMs === 0 ? 1 : DRIFTING;
    const age = (at: number | null): number | null => (at === null ? null : Math.floor((now - at) * rate));
    return {
      v: 1,
      jobId: work.jobId,
      attempt: work.attempt,
      instance: this.instance,
      boot: this.boot,
      ...(work.plan.counts && { number: work.nextBeatNumber() }),
      sentAt: now + this.skewMs,
      phase: work.phase,
      outputAgeMs: age(work.outputAt),
      toolAgeMs: age(work.toolAt),
      events: [...events],
      ...(terminal !== null && { terminal }),
    };
  }
}
