import { DurableObject } from "cloudflare:workers";
import type { Refusal } from "../../shared/errors.ts";
import { BeatIntake, type BeatRequest } from "./intake/beats.ts";
import { passedDeadlines } from "./deadlines.ts";
import { type ExecutionDeps, systemDeps } from "./deps.ts";
import { runEffect } from "./effects.ts";
import { createHarnessClient } from "./effects/harness-client.ts";
import { Dispatcher } from "./intake/dispatcher.ts";
import { BundleHeads } from "./reading/bundle-heads.ts";
import { JobReader } from "./reading/job-reader.ts";
import { Lifeline } from "./lifeline.ts";
import { Reader } from "./reading/reader.ts";
import type {
  BeatAnswer,
  Dispatched,
  DispatchRequest,
  EventsRequest,
  ExecutionRequest,
  ExecutionRpc,
  ReadRequest,
  Stopped,
  Tended,
  ViewRead,
} from "./rpc.ts";
import type { Log } from "../ports.ts";
import { Runtime } from "./runtime.ts";
import { isLive } from "./state.ts";
import { Store } from "./store.ts";
import { createTeller } from "./telling/teller.ts";
import { Herald } from "./board/herald.ts";
import { Vault } from "./intake/vault.ts";

/** The owner of one execution: a shell that feeds `step` and does what it wants done. */
export class Execution extends DurableObject<Env> implements ExecutionRpc {
  readonly #deps: ExecutionDeps;
  /** Every line says whose it is. */
  readonly #log: Log;
  readonly #runtime: Runtime;
  readonly #jobs: JobReader;
  readonly #reader: Reader;
  readonly #dispatcher: Dispatcher;
  readonly #vault: Vault;
  readonly #intake: BeatIntake;
  readonly #lifeline: Lifeline;
  readonly #herald: Herald;

  constructor(ctx: DurableObjectState, env: Env, deps: ExecutionDeps = systemDeps(ctx, env)) {
    super(ctx, env);
    this.#deps = deps;
    const { clock, container, metrics, random } = deps;
    const executionId = ctx.id.name ?? ctx.id.toString();
    const log = deps.log.child({ executionId });
    const teller = createTeller(executionId, { log, metrics });
    this.#log = log;
    const store = new Store(ctx.storage);
    const harness = createHarnessClient(container);
    this.#vault = new Vault(() => this.#name(), deps.sealer, store);
    this.#runtime = new Runtime({
      store,
      storage: ctx.storage,
      clock,
      random,
      timer: deps.timer,
      log,
      told: teller.turned,
      background: (work) => ctx.waitUntil(work),
      committed: (state) => this.#vault.keepOnly(state.jobs.filter((job) => isLive(job))),
      news: { look: () => this.#herald.look(), dueAt: () => this.#herald.dueAt },
      run: (effect) =>
        runEffect(effect, {
          state: () => this.#runtime.state,
          apply: (happening) => this.#runtime.apply(happening),
          container,
          admission: deps.admission,
          now: clock.now,
          harness,
          timer: deps.timer,
          containerEnv: deps.containerEnv,
          vault: this.#vault,
          lifeline: this.#lifeline,
          forget: () => this.#forget(),
        }),
    });
    this.#herald = new Herald({
      state: () => this.#runtime.state,
      board: deps.board,
      clock,
      timer: deps.timer,
      log,
      background: (work) => ctx.waitUntil(work),
      load: () => store.told(),
      prUrlOf: (jobId, round) => store.prUrl(jobId, round),
      keep: (told) => store.keepTold(told),
      moved: () => this.#runtime.arm(),
    });
    this.#lifeline = new Lifeline({
      runtime: this.#runtime,
      storage: ctx.storage,
      container,
      clock,
      log,
      abort: (why) => ctx.abort(why),
    });
    const place = { runtime: this.#runtime, store, clock, container, id: ctx.id.toString() };
    this.#jobs = new JobReader(place);
    this.#reader = new Reader({ ...place, jobs: this.#jobs, heads: new BundleHeads(store) });
    this.#dispatcher = new Dispatcher({ runtime: this.#runtime, store, vault: this.#vault });
    this.#intake = new BeatIntake({ runtime: this.#runtime, vault: this.#vault, clock, teller });
    void ctx.blockConcurrencyWhile(() => this.#wake(store));
  }

  dispatch(request: DispatchRequest): Promise<Dispatched | Refusal> {
    return this.#dispatcher.dispatch(request);
  }

  async take(jobId: string): Promise<ViewRead | Refusal> {
    return this.#jobs.take(jobId);
  }

  read(request: ReadRequest): Promise<ViewRead | Refusal> {
    return this.#reader.read(request);
  }

  async result(jobId: string): ReturnType<ExecutionRpc["result"]> {
    return this.#reader.result(jobId);
  }

  execution(request: ExecutionRequest = {}): ReturnType<ExecutionRpc["execution"]> {
    return this.#reader.execution(request);
  }

  events(request: EventsRequest): ReturnType<ExecutionRpc["events"]> {
    return this.#reader.events(request);
  }

  async cancel(request: Parameters<ExecutionRpc["cancel"]>[0]): Promise<Stopped | Refusal> {
    const { jobId, reason, waitMs, requestId } = request;
    this.#runtime.apply({
      kind: "cancel",
      jobId,
      reason: await this.#vault.redactFor(this.#runtime.state, reason),
      requestId,
    });
    return this.#reader.stopped(jobId, waitMs);
  }

  async extend(request: Parameters<ExecutionRpc["extend"]>[0]): ReturnType<ExecutionRpc["extend"]> {
    const { reply } = this.#runtime.apply({ kind: "extend", ...request });
    if (reply.kind === "refused") return reply.refusal;
    if (reply.kind !== "extended") throw new Error("an extension was not answered as one");
    const { jobId, deadline } = request;
    return { ok: true, answer: { jobId, deadline, at: reply.at } };
  }

  async release(request: Parameters<ExecutionRpc["release"]>[0]): Promise<Stopped | Refusal> {
    this.#runtime.apply({
      kind: "release",
      reason: await this.#vault.redactFor(this.#runtime.state, request.reason),
      requestId: request.requestId,
    });
    return this.#reader.released(request.id, request.waitMs);
  }

  beat(request: BeatRequest): Promise<BeatAnswer> {
    return this.#intake.take(request);
  }

  tend(): Promise<Tended> {
    return this.#lifeline.tend();
  }

  async granted(): Promise<void> {
    this.#runtime.apply({ kind: "slot-hint" });
  }

  override async alarm(): Promise<void> {
    await this.#runtime.tick();
  }

  async #wake(store: Store): Promise<void> {
    try {
      await this.#lifeline.wake();
      this.#runtime.drain(store.pendingEffects());
      this.#herald.look();
      if (this.#runtime.state !== null) await this.#runtime.rearm();
    } catch (error) {
      this.#log.write("error", "execution.wake-failed", { error });
      this.#runtime.recordInternalError(error);
      await this.#runtime.armSafety();
    }
  }

  async #forget(): Promise<void> {
    const { board, clock, container } = this.#deps;
    // Asked again after each wait, and where an earlier try had failed: a job may have been dispatched since.
    const isOver = (): boolean => {
      const { state } = this.#runtime;
      return state !== null && passedDeadlines(state, clock.now()).some(({ name }) => name === "retention");
    };
    const { state } = this.#runtime;
    if (state !== null && isOver()) await board.remove(state.board, state.revision);
    if (isOver() && container.running()) await container.destroy("retention has ended");
    if (!isOver()) return;
    await this.ctx.storage.deleteAll();
    this.#log.write("info", "execution.forgotten");
    this.ctx.abort("everything of this execution was deleted at the end of its retention");
  }

  #name(): string {
    return this.#runtime.state?.executionId ?? this.ctx.id.name ?? this.ctx.id.toString();
  }
}
