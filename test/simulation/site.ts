import type { Beat } from "../../shared/beat.ts";
import { passedDeadlines, earliestAt } from "../../worker/execution/deadlines.ts";
import type { Answer, Happening } from "../../worker/execution/input.ts";
import { proofOfDeath, unseen } from "../../worker/execution/lifecycle/proof-of-death.ts";
import type { Reply } from "../../worker/execution/lifecycle/turn.ts";
import { saysNoStart, startFailureOf } from "../../worker/execution/platform-texts.ts";
import { activeJob, type Instance, isLive, type Job, jobOf } from "../../worker/execution/state.ts";
import type { Tended } from "../../worker/execution/rpc.ts";
import { announceAndExit } from "./harness.ts";
import { type Ledger, newLedger } from "./ledger.ts";
import type { Moment } from "./moves.ts";
import { Owner } from "./owner.ts";
import { Platform } from "./platform.ts";
import type { Plan } from "./plans.ts";
import type { Work } from "./work.ts";
import type { World } from "./world.ts";

const RESET_PAUSE_MS = 30_000;

/** One execution with all that belongs to it: its object, its containers, what was asked of it, and what was seen. */
export class Site {
  readonly world: World;
  readonly name: string;
  readonly owner: Owner;
  readonly platform: Platform;
  ledger: Ledger = newLedger();
  readonly plans = new Map<string, Plan>();
  /** Every attempt that a harness took, by job and attempt. */
  readonly works = new Map<string, Work>();
  /** Days by which the clocks of its containers are off. */
  skewDays = 0;
  /** When the object last slept, missed an alarm or was ended, or a question of it was not answered. */
  disturbedAt = Number.NEGATIVE_INFINITY;
  /** When a destroy was last refused. */
  refusedAt = Number.NEGATIVE_INFINITY;
  #noted = "";
  readonly #awaited = new Map<Moment, () => void>();

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
    this.owner = new Owner(this);
    this.platform = new Platform(this);
  }

  get now(): number {
    return this.world.agenda.now;
  }

  /** Everything stored is deleted: what comes after has nothing to do with what was before. */
  beginAnew(): void {
    this.ledger = newLedger();
    this.works.clear();
  }

  /** A call from outside; one to an object that does not run waits for it. */
  call(happening: Happening): void {
    if (this.owner.isFrozen) this.world.agenda.at(this.owner.frozenUntil, () => this.call(happening));
    else this.owner.give(happening);
  }

  /** Does it at once where it is so, else as soon as it is. */
  doWhile(moment: Moment, act: () => void): void {
    this.#awaited.set(moment, act);
    this.look();
  }

  /** After each step. */
  look(): void {
    for (const [moment, act] of this.#awaited) {
      if (!this.#isSo(moment)) continue;
      this.#awaited.delete(moment);
      this.world.agenda.in(0, act);
    }
  }

  #isSo(moment: Moment): boolean {
    const jobs = this.owner.stored.state?.jobs ?? [];
    if (moment === "recovering") return jobs.some(({ status }) => status === "recovering");
    const isIdle = jobs.every((job) => !isLive(job)) && this.platform.living.length > 0;
    return isIdle && jobs.at(-1)?.status === "cancelled";
  }

  beat(beat: Beat): Reply | null {
    if (this.owner.isFrozen) return null;
    return this.owner.give({ kind: "beat", beat })?.reply ?? null;
  }

  /** How often the harness was told to beat. */
  beatMs(jobId: string): number {
    const job = this.owner.stored.state === null ? null : jobOf(this.owner.stored.state, jobId);
    return Math.round((job?.policy.silenceMs ?? 45_000) / 4.5);
  }

  planOf(job: Job): Plan {
    const plan = this.plans.get(`${job.jobId} ${job.round}`) ?? this.plans.get(job.jobId);
    if (plan === undefined) throw new Error(`nobody planned how ${job.jobId} goes`);
    return plan;
  }

  /** The monitor ended without an exit code: the platform is asked. */
  lost(message: string): void {
    const { owner } = this;
    const instance = owner.state?.instance ?? null;
    if (instance === null || instance.id !== owner.watched) return;
    const { id, phase } = instance;
    const known = this.inspect();
    const running = this.platform.isSeen;
    const proof = proofOfDeath({ ...unseen(instance), running, refused: saysNoStart(message), known });
    if (proof === null) {
      if (phase === "started") this.noteOnce(id, message);
      this.reset();
    } else if (phase === "started") {
      owner.give({ kind: "start-failed", instance: id, cause: startFailureOf(message), message });
    } else owner.give({ kind: "dead", instance: id, proof: `${proof}; ${message}`, message });
  }

  /** A container that is out of sight: what proves its death, if anything does. */
  lookFor(instance: Instance): string | null {
    const { owner, platform } = this;
    const seen = { ...unseen(instance), running: platform.isSeen, begunAnew: owner.beganWithout };
    return proofOfDeath(seen) ?? proofOfDeath({ ...seen, known: this.inspect() });
  }

  /** What `inspect()` says: whether a container is known, or that nobody can say. */
  inspect(): boolean | null {
    if (this.world.faults.strikes("inspect-unsure")) {
      this.disturb();
      return null;
    }
    return this.platform.living.some(({ placedAt }) => this.now >= placedAt);
  }

  /** The object ends itself to ask the platform afresh. */
  reset(): void {
    const { owner } = this;
    const last = owner.state?.resetAt ?? null;
    if (last !== null && this.now - last < RESET_PAUSE_MS) return;
    owner.give({ kind: "resetting" });
    owner.alarm.set(this.now + 50);
    owner.evict();
  }

  /** A visit of Admission's sweep. @returns null where nobody answers */
  tend(): Tended | null {
    const { owner, platform } = this;
    if (owner.isFrozen) return null;
    owner.wake();
    let destroyedMs: number | null = null;
    if (owner.state?.instance == null && platform.isSeen && platform.destroy()) destroyedMs = 0;
    const { state } = owner;
    if (state !== null && passedDeadlines(state, this.now).length > 0) owner.tick();
    owner.rearm();
    const after = owner.state;
    const isLive = after !== null && (after.instance !== null || activeJob(after) !== null);
    return {
      live: isLive || platform.isSeen,
      nextDeadlineAt: after === null ? null : earliestAt(after),
      destroyedMs,
    };
  }

  renewSlot(nextDeadlineAt: number): void {
    if (this.world.faults.strikes("admission-down")) return;
    this.world.admission.renew(this.name, nextDeadlineAt);
  }

  noteOnce(instance: string, text: string): void {
    const said = `${instance} ${text}`;
    if (said === this.#noted) return;
    this.#noted = said;
    this.owner.give({ kind: "probe-noted", instance, text });
  }

  checkStart(): void {
    const { jobs = [] } = this.owner.state ?? {};
    const job = jobs.find(({ status }) => status === "starting") ?? null;
    const cancelled = job === null ? true : this.ledger.rounds.get(`${job.jobId} ${job.round}`)?.stopAskedAt;
    if (cancelled !== undefined && cancelled !== null)
      this.world.violated("invariant 16", "a container is started for no job, or for one that was to end");
    const { now } = this;
    const recent = this.ledger.starts.filter(({ at }) => now - at < 3_600_000);
    if (recent.length >= 8) this.world.violated("recovery", "a ninth container is started within the hour");
  }

  asked({ jobId, attempt }: { readonly jobId: string; readonly attempt: number }, answer: Answer): void {
    const key = `${jobId} ${attempt}`;
    this.ledger.answers.set(key, [...(this.ledger.answers.get(key) ?? []), answer.kind]);
  }

  disturb(): void {
    this.disturbedAt = Math.max(this.disturbedAt, this.now);
  }

  /** The object was not there from `since` until now. */
  slept(since: number): void {
    this.disturb();
    const { sleeps } = this.ledger;
    // A late alarm of an object that did not run is the same sleep.
    const from = sleeps.at(-1)?.to === this.now ? Math.min(sleeps.pop()?.from ?? since, since) : since;
    sleeps.push({ from, to: this.now });
  }

  drain(): void {
    const [container] = this.platform.living;
    if (container !== undefined) announceAndExit(this, container, 143, "drained");
  }
}
