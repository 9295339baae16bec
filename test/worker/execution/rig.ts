import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { BEAT_VERSION, type Beat, BeatReply } from "../../../shared/beat.ts";
import type { JobView } from "../../../shared/job-view.ts";
import type { BeatAnswer, DispatchRequest, ExecutionRpc } from "../../../worker/execution/rpc.ts";
import { makeDispatch } from "./dispatches.ts";
import { type Dump, dumpOf } from "./dump.ts";
import { type GivenJob, givenJob } from "./model-harness.ts";
import { type World, worldOf } from "./world.ts";

let executions = 0;

/** One execution under test: the object, what stands round it, and the hands to move both. */
export class Rig {
  readonly executionId: string;
  readonly world: World;
  readonly #id: DurableObjectId;

  constructor() {
    executions += 1;
    this.executionId = `exec_${executions}`;
    this.#id = env.EXECUTION.idFromName(this.executionId);
    this.world = worldOf(this.#id);
  }

  /** The remote methods. A stub is poisoned by its first error, so each call takes a fresh one. */
  get object(): ExecutionRpc {
    return this.stub;
  }

  get stub() {
    return env.EXECUTION.getByName(this.executionId);
  }

  get machine() {
    return this.world.machine;
  }

  get now(): number {
    return this.world.clock.now();
  }

  /** Resolves when the object has done all that it can do at this moment. */
  quiet(): Promise<void> {
    return this.world.activity.quiet();
  }

  async dispatch(changes: Parameters<typeof makeDispatch>[1] = {}) {
    return this.send(makeDispatch(this.executionId, changes));
  }

  async send(request: DispatchRequest) {
    const answer = await this.object.dispatch(request);
    await this.quiet();
    return answer;
  }

  /** A dispatched job that the harness has taken. */
  async begin(changes: Parameters<typeof makeDispatch>[1] = {}): Promise<GivenJob> {
    const request = makeDispatch(this.executionId, changes);
    const answer = await this.send(request);
    if (!answer.ok) throw new Error(answer.error);
    return this.given(request.jobId);
  }

  /** The job as the living harness was given it. */
  given(jobId: string): GivenJob {
    const job = this.machine.harness.jobs.get(jobId);
    if (job === undefined) throw new Error(`the harness was not given ${jobId}`);
    return job;
  }

  /** The job as it was posted to a harness whose answer a test has taken over. */
  posted(jobId: string): GivenJob {
    const bodies = this.machine.harness.asked
      .filter(({ method }) => method === "POST")
      .map(({ body }) => body);
    const jobs = bodies.map((body) => givenJob(body, null));
    const job = jobs.find((each) => each.jobId === jobId);
    if (job === undefined) throw new Error(`${jobId} was not posted`);
    return job;
  }

  /** Sends a beat as the harness of this job would, save for `changes`. */
  async beat(job: GivenJob, changes: Partial<Beat> = {}, key = job.envelope.beatKey): Promise<BeatAnswer> {
    const beat = this.makeBeat(job, changes);
    const answer = await this.object.beat({ instance: beat.instance, key, beat: JSON.stringify(beat) });
    await this.quiet();
    return answer;
  }

  makeBeat({ jobId, envelope }: GivenJob, changes: Partial<Beat> = {}): Beat {
    const { instance, attempt } = envelope;
    const boot = this.machine.alive?.harness.boot ?? this.machine.started.at(-1)?.harness.boot ?? "";
    return {
      v: BEAT_VERSION,
      jobId,
      attempt,
      instance,
      boot,
      sentAt: this.now,
      phase: "agent",
      outputAgeMs: null,
      toolAgeMs: null,
      events: [],
      ...changes,
    };
  }

  async view(jobId = `${this.executionId}-coder`): Promise<JobView> {
    const read = await this.object.read({ jobId, door: "native" });
    if (!read.ok) throw new Error(read.error);
    if (!("view" in read)) throw new Error("unchanged");
    return read.view;
  }

  async events() {
    const read = await this.object.events({ after: 0, limit: 1_000 });
    if (!read.ok) throw new Error(read.error);
    return read.page.events;
  }

  /** Does something to what stands round the object as the platform would: what it wakes runs in the object. */
  async happens(act: () => void): Promise<void> {
    await this.#unlessItEnds(() => runInDurableObject(this.stub, act));
    await this.quiet();
  }

  alarmAt(): Promise<number | null> {
    return runInDurableObject(this.stub, (_, state) => state.storage.getAlarm());
  }

  dump(): Promise<Dump> {
    return runInDurableObject(this.stub, (_, state) => dumpOf(state.storage.sql));
  }

  /** Takes lines out of the log as pruning does. */
  async dropEvents(from: number, to: number): Promise<void> {
    await runInDurableObject(this.stub, (_, state) => {
      state.storage.sql.exec("DELETE FROM event WHERE cursor BETWEEN ? AND ?", from, to);
    });
  }

  /** Breaks what is stored of the sealed specs, so that no key opens them. */
  async breakSpec(): Promise<void> {
    await runInDurableObject(this.stub, (_, state) => {
      state.storage.sql.exec("UPDATE spec SET data = zeroblob(32)");
    });
  }

  /** All that a refusal must leave as it was: every table, the alarm, and what was done at the container. */
  async everything() {
    return { tables: await this.dump(), alarmAt: await this.alarmAt(), calls: [...this.machine.calls] };
  }

  /** Lets time pass: each alarm and each sleeper in its turn, and then the rest. */
  async advance(ms: number): Promise<void> {
    const { clock } = this.world;
    const until = clock.now() + ms;
    await this.quiet();
    for (;;) {
      const alarmAt = await this.alarmAt();
      const next = Math.min(
        alarmAt ?? Number.POSITIVE_INFINITY,
        clock.nextWake() ?? Number.POSITIVE_INFINITY,
      );
      if (next > until) break;
      await this.happens(() => clock.moveTo(next));
      if (alarmAt !== null && alarmAt <= clock.now()) await this.alarm();
    }
    await this.happens(() => clock.moveTo(until));
  }

  /** Runs the alarm now, whatever it is set to; throws where the handler does. */
  async alarm(): Promise<void> {
    await this.#unlessItEnds(() => runDurableObjectAlarm(this.stub));
    await this.quiet();
  }

  /**
   * Ends the object's incarnation, as the platform does to an idle one, and lets the next begin. One that took up its
   * monitor in its constructor counts as in use for as long as that is pending: it is ended by force.
   */
  async evict(): Promise<void> {
    if (this.world.incarnations > 1 && this.machine.alive !== null) return this.crash();
    const { incarnations } = this.world;
    await evictDurableObject(this.stub);
    await this.begunAnew(incarnations);
  }

  /** Ends the object's incarnation in the middle of its work, as a deploy does, and lets the next begin. */
  async crash(): Promise<void> {
    const { incarnations } = this.world;
    await runInDurableObject(this.stub, (_, state) => state.abort("ended by the test")).catch(
      () => undefined,
    );
    await this.begunAnew(incarnations);
  }

  /** The object loses sight of its container, which it answers by beginning anew. */
  async losesSight(): Promise<void> {
    const { incarnations } = this.world;
    await this.happens(() => this.machine.loseMonitor());
    await this.begunAnew(incarnations);
  }

  /** Something happens to the container between two incarnations of the object. */
  async endedUnseen(act: () => void): Promise<void> {
    const { incarnations } = this.world;
    await evictDurableObject(this.stub);
    act();
    await this.begunAnew(incarnations);
  }

  /** Resolves when an incarnation later than this one has begun. */
  async begunAnew(incarnation: number): Promise<void> {
    await vi.waitFor(async () => {
      await this.wake();
      if (this.world.incarnations === incarnation) throw new Error("the object has not begun anew");
    }, 25_000);
  }

  /** Begins the next incarnation, where the last one has ended. */
  async wake(): Promise<void> {
    await this.alarmAt();
    await this.quiet();
  }

  /** An object that ends its own incarnation fails the call that it was in; that is no failure of the test. */
  async #unlessItEnds<T>(call: () => Promise<T>): Promise<void> {
    const { incarnations } = this.world;
    try {
      await call();
    } catch (error) {
      await this.wake();
      if (this.world.incarnations === incarnations) throw error;
    }
  }
}

/** The reply to a beat that was taken. */
export function replyOf(answer: BeatAnswer): BeatReply {
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.error}`);
  return BeatReply.parse(JSON.parse(answer.reply));
}
