import { DurableObject } from "cloudflare:workers";
import type { Refusal } from "../../shared/errors.ts";
import { BeatIntake, type BeatRequest } from "./beat-intake.ts";
import { type ExecutionDeps, systemDeps } from "./deps.ts";
import { KEEP_ALIVE_MS, runEffect } from "./effects.ts";
import { createHarnessClient } from "./harness-client.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Reader } from "./reader.ts";
import type {
  BeatAnswer,
  Dispatched,
  DispatchRequest,
  ExecutionRpc,
  ReadRequest,
  Stopped,
  ViewRead,
} from "./rpc.ts";
import { Runtime } from "./runtime.ts";
import { startFailureOf } from "./start-failure.ts";
import { Store } from "./store.ts";
import { Vault } from "./vault.ts";

/** How long after a lost monitor the next incarnation is woken at the latest. */
const WAKE_AFTER_RESET_MS = 50;

/** The owner of one execution: a shell that feeds `step` and does what it wants done. */
export class Execution extends DurableObject<Env> implements ExecutionRpc {
  readonly #deps: ExecutionDeps;
  readonly #runtime: Runtime;
  readonly #reader: Reader;
  readonly #dispatcher: Dispatcher;
  readonly #vault: Vault;
  readonly #intake: BeatIntake;
  #beganWithout = true;

  constructor(ctx: DurableObjectState, env: Env, deps: ExecutionDeps = systemDeps(ctx, env)) {
    super(ctx, env);
    this.#deps = deps;
    const { clock, container, random } = deps;
    const store = new Store(ctx.storage);
    const harness = createHarnessClient(container);
    this.#vault = new Vault(deps.sealer, store);
    this.#runtime = new Runtime({
      store,
      storage: ctx.storage,
      clock,
      random,
      log: deps.log,
      background: (work) => ctx.waitUntil(work),
      run: (effect) =>
        runEffect(effect, {
          state: () => this.#runtime.state,
          apply: (happening) => this.#runtime.apply(happening),
          container,
          harness,
          timer: deps.timer,
          containerEnv: deps.containerEnv,
          openSpec: (job) => this.#vault.openSpec(this.#name(), job),
          controlKey: (job, instance) => this.#vault.controlKey(this.#name(), job, instance),
          beatKey: (job, instance) =>
            this.#vault.beatKey(this.#name(), job, { instance, attempt: job.attempt }),
          watch: (instance) => this.#watch(instance),
          beganWithout: () => this.#beganWithout,
          reset: (why) => this.#reset(why),
          forget: () => this.#forget(),
        }),
    });
    this.#reader = new Reader({
      runtime: this.#runtime,
      store,
      clock,
      timer: deps.timer,
      container,
      id: ctx.id.toString(),
    });
    this.#dispatcher = new Dispatcher({
      runtime: this.#runtime,
      store,
      vault: this.#vault,
    });
    this.#intake = new BeatIntake({ runtime: this.#runtime, vault: this.#vault, clock });
    void ctx.blockConcurrencyWhile(() => this.#wake(store));
  }

  dispatch(request: DispatchRequest): Promise<Dispatched | Refusal> {
    return this.#dispatcher.dispatch(request);
  }

  async take(jobId: string): Promise<ViewRead | Refusal> {
    const { reply } = this.#runtime.apply({ kind: "take", jobId });
    if (reply.kind === "refused") return reply.refusal;
    if (reply.kind !== "taken") throw new Error("a take was not answered as one");
    return this.#reader.taken(jobId, reply);
  }

  read(request: ReadRequest): Promise<ViewRead | Refusal> {
    return this.#reader.read(request);
  }

  async result(jobId: string): ReturnType<ExecutionRpc["result"]> {
    return this.#reader.result(jobId);
  }

  async execution(): ReturnType<ExecutionRpc["execution"]> {
    return this.#reader.execution();
  }

  async events(request: {
    readonly after: number;
    readonly limit: number;
  }): ReturnType<ExecutionRpc["events"]> {
    return this.#reader.events(request);
  }

  async cancel(request: Parameters<ExecutionRpc["cancel"]>[0]): Promise<Stopped | Refusal> {
    const { jobId, reason, waitMs } = request;
    this.#runtime.apply({ kind: "cancel", jobId, reason });
    return this.#reader.stopped(jobId, waitMs);
  }

  async release(request: Parameters<ExecutionRpc["release"]>[0]): Promise<Stopped | Refusal> {
    this.#runtime.apply({ kind: "release", reason: request.reason });
    return this.#reader.released(request.id, request.waitMs);
  }

  beat(request: BeatRequest): Promise<BeatAnswer> {
    return this.#intake.take(request);
  }

  override async alarm(): Promise<void> {
    await this.#runtime.tick();
  }

  /** Nothing of a container survives its object's incarnation: routes, keep-alive and monitor are taken up again. */
  async #wake(store: Store): Promise<void> {
    const { container, log } = this.#deps;
    const running = container.running();
    this.#beganWithout = !running;
    const instance = this.#runtime.state?.instance ?? null;
    if (running && instance !== null) {
      try {
        await container.keepAlive(KEEP_ALIVE_MS);
        await container.routeBeats(instance.id);
      } catch (error) {
        log.write("warn", "execution.reattach-failed", { executionId: this.#name(), error });
      }
      this.#watch(instance.id);
    }
    try {
      if (this.#runtime.state !== null || running) this.#runtime.apply({ kind: "woke", running });
      this.#runtime.drain(store.pendingEffects());
      if (this.#runtime.state !== null) await this.#runtime.rearm();
    } catch (error) {
      log.write("error", "execution.wake-failed", { executionId: this.#name(), error });
      this.#runtime.recordInternalError(error);
    }
  }

  /** Not under waitUntil: a pending monitor would keep the object in memory, and losing it costs only speed. */
  #watch(instance: string): void {
    const follow = async (): Promise<void> => {
      const end = await this.#deps.container.monitor();
      this.#beganWithout = false;
      if (this.#runtime.state?.instance?.id !== instance) return;
      if (end.kind === "exited") {
        this.#runtime.apply({ kind: "exited", instance, code: end.code, message: end.message });
        return;
      }
      await this.#monitorLost(instance, end.message);
    };
    follow().catch((error: unknown) => {
      this.#deps.log.write("warn", "monitor.failed", { executionId: this.#name(), instance, error });
    });
  }

  /** A monitor that ends without a code proves nothing by itself: the platform is asked. */
  async #monitorLost(instance: string, message: string): Promise<void> {
    const known = await this.#deps.container.inspect();
    const current = this.#runtime.state?.instance ?? null;
    if (current?.id !== instance) return;
    if (known !== false) {
      this.#reset(`the connection to the container was lost: ${message}`);
      return;
    }
    if (current.phase === "started") {
      this.#runtime.apply({ kind: "start-failed", instance, cause: startFailureOf(message), message });
      return;
    }
    this.#runtime.apply({ kind: "dead", instance, proof: `the platform knows no container; ${message}` });
  }

  /** In a living incarnation `running === false` proves nothing; only a new one may ask afresh. */
  #reset(why: string): void {
    this.#deps.log.write("warn", "execution.reset", { executionId: this.#name(), why });
    void this.ctx.storage.setAlarm(this.#deps.clock.now() + WAKE_AFTER_RESET_MS);
    void this.ctx.storage.sync().then(() => this.ctx.abort(why));
  }

  async #forget(): Promise<void> {
    const { container } = this.#deps;
    if (this.#runtime.state?.instance != null) return;
    if (container.running()) await container.destroy("retention has ended");
    await this.ctx.storage.deleteAll();
    this.ctx.abort("everything of this execution was deleted at the end of its retention");
  }

  #name(): string {
    return this.#runtime.state?.executionId ?? this.ctx.id.name ?? this.ctx.id.toString();
  }
}
