import type { ContainerPort, MonitorEnd, StartOptions } from "../../../worker/ports.ts";
import type { Activity } from "./activity.ts";
import type { TestClock } from "./clock.ts";
import { createDeferred, type Deferred } from "./deferred.ts";
import { type HarnessScript, ModelHarness } from "./model-harness.ts";

/** One container that was started: what it runs, and how it ended. */
export type Process = {
  readonly options: StartOptions;
  readonly harness: ModelHarness;
  readonly ended: Deferred<MonitorEnd>;
};

/**
 * The platform's side of one object's container. It outlives the object: what an object sees of it goes through a
 * connection of its own, which may be lost while the container lives on. Behaves as the platform was seen to.
 */
export class FakeMachine {
  readonly harnessScript: HarnessScript = { listening: true, answer: null };
  /** Calls of the port in order, reads left out. */
  readonly calls: string[] = [];
  /** Every start that brought up a container, in order. */
  readonly started: Process[] = [];
  /** Starts that killed a living container by replacing it. */
  replaced = 0;
  /** What the next start comes to in place of a container; the platform tells it through `monitor()`. */
  refusal: string | null = null;
  /** Takes the place of a call of this name, before it does anything; a rejection fails the call. */
  readonly interrupts = new Map<string, () => Promise<void>>();
  /** What a signal does; without it the process ends with 128 + the signal. */
  onSignal: ((signo: number) => void) | null = null;
  /** A container that was started is still being placed: `inspect()` knows none, and nothing listens. */
  placing = false;
  /** `inspect()` cannot say. */
  blind = false;
  /** Connections are lost as soon as they are made. */
  flaky = false;
  /** The monitor does not tell of an end. */
  mute = false;
  /** Ends no process when asked to destroy it; the call rejects. */
  undestroyable = false;

  readonly #clock: TestClock;
  readonly #activity: Activity;
  #alive: Process | null = null;
  #connection: Connection | null = null;
  #keptAlive = true;
  #boots = 0;

  constructor(clock: TestClock, activity: Activity) {
    this.#clock = clock;
    this.#activity = activity;
  }

  get alive(): Process | null {
    return this.#alive;
  }

  /** The harness of the living container. */
  get harness(): ModelHarness {
    if (this.#alive === null) throw new Error("no container lives");
    return this.#alive.harness;
  }

  /** What an object that has just begun sees; an object that set no keep-alive takes its container with it. */
  connect(): ContainerPort {
    if (!this.#keptAlive) this.exit(137);
    this.#connection = new Connection(this, this.#clock);
    this.#keptAlive = this.#alive === null;
    if (this.flaky && this.#alive !== null) this.#connection.loseOnceFollowed();
    return this.#connection;
  }

  /** The process ends by itself. */
  exit(code: number): void {
    this.#end({ kind: "exited", code, message: `Container exited with unexpected exit code: ${code}` });
  }

  /** The process is gone and nobody saw its code. */
  vanish(): void {
    this.#end({ kind: "lost", message: "Network connection lost." });
  }

  /** The object loses sight of a container that lives on. */
  loseMonitor(): void {
    this.#connection?.lose("Network connection lost.");
  }

  /** Another process in the same container, as after a restart behind the object's back. */
  bootAnew(): void {
    if (this.#alive === null) throw new Error("no container lives");
    const { options, ended } = this.#alive;
    this.#alive = { options, ended, harness: this.#boot(options) };
  }

  create(options: StartOptions): Process {
    if (this.#alive !== null) {
      this.replaced += 1;
      this.exit(137);
    }
    const created = { options, harness: this.#boot(options), ended: createDeferred<MonitorEnd>() };
    this.#alive = created;
    this.#keptAlive = false;
    this.started.push(created);
    return created;
  }

  keepAlive(): void {
    this.#keptAlive = true;
  }

  #boot(options: StartOptions): ModelHarness {
    this.#boots += 1;
    const boot = `boot-${String(this.#boots).padStart(8, "0")}`;
    return new ModelHarness(options.env["HARNESS_INSTANCE"] ?? "", boot, {
      script: this.harnessScript,
      activity: this.#activity,
    });
  }

  #end(end: MonitorEnd): void {
    const ended = this.#alive;
    this.#alive = null;
    ended?.ended.resolve(end);
  }
}

/** `ctx.container` of one incarnation of an object. */
class Connection implements ContainerPort {
  readonly #machine: FakeMachine;
  readonly #clock: TestClock;
  #running: boolean;
  #losesSight = false;
  #end: Deferred<MonitorEnd> | null = null;

  constructor(machine: FakeMachine, clock: TestClock) {
    this.#machine = machine;
    this.#clock = clock;
    this.#running = machine.alive !== null;
    if (machine.alive !== null) this.#follow(machine.alive);
  }

  running(): boolean {
    return this.#running;
  }

  start(options: StartOptions): void {
    if (this.#running) throw new Error("start() cannot be called on a container that is already running.");
    this.#machine.calls.push(`start ${options.env["HARNESS_INSTANCE"] ?? ""}`);
    this.#running = true;
    const { refusal } = this.#machine;
    if (refusal === null) {
      this.#follow(this.#machine.create(options));
      return;
    }
    this.#end = createDeferred();
    this.lose(refusal);
  }

  async monitor(): Promise<MonitorEnd> {
    if (this.#losesSight) this.lose("Network connection lost.");
    if (this.#end !== null) return this.#end.promise;
    return { kind: "lost", message: "monitor() cannot be called on a container that is not running." };
  }

  signal(signo: number): void {
    this.#machine.calls.push(`signal ${signo}`);
    if (!this.#running) throw new Error("signal() cannot be called on a container that is not running.");
    if (this.#machine.onSignal === null) this.#machine.exit(128 + signo);
    else this.#machine.onSignal(signo);
  }

  async destroy(): Promise<void> {
    this.#machine.calls.push("destroy");
    await this.#interrupt("destroy");
    // Seen on the platform: without `running` it resolves and sends nothing.
    if (!this.#running) return;
    if (this.#machine.undestroyable) throw new DOMException("destroy did not end", "TimeoutError");
    this.#machine.exit(137);
    await this.#end?.promise;
  }

  async inspect(): Promise<boolean | null> {
    await this.#interrupt("inspect");
    const { alive, blind, placing } = this.#machine;
    return blind ? null : alive !== null && !placing;
  }

  async fetch(request: Request, timeoutMs: number): Promise<Response> {
    await this.#interrupt("fetch");
    const { alive, placing } = this.#machine;
    if (alive === null || placing) throw new Error("Container is not listening to port 8080");
    return this.#clock.within(timeoutMs, alive.harness.fetch(request));
  }

  async keepAlive(durationMs: number): Promise<void> {
    await this.#interrupt("keepAlive");
    this.#machine.calls.push(`keepAlive ${durationMs}`);
    this.#machine.keepAlive();
  }

  async routeBeats(instance: string): Promise<void> {
    await this.#interrupt("routeBeats");
    this.#machine.calls.push(`routeBeats ${instance}`);
  }

  loseOnceFollowed(): void {
    this.#losesSight = true;
  }

  lose(message: string): void {
    this.#running = false;
    this.#end?.resolve({ kind: "lost", message });
  }

  #follow(process: Process): void {
    const end = createDeferred<MonitorEnd>();
    this.#end = end;
    const settle = async () => {
      const seen = await process.ended.promise;
      if (this.#end === end) this.#running = false;
      if (!this.#machine.mute) end.resolve(seen);
    };
    void settle();
  }

  async #interrupt(call: string): Promise<void> {
    await this.#machine.interrupts.get(call)?.();
  }
}
