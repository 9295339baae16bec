import type { Clock, ContainerPort, Log } from "../ports.ts";
import { earliestAt, passedDeadlines } from "./deadlines.ts";
import { proofOfDeath, unseen } from "./lifecycle/proof-of-death.ts";
import type { Tended } from "./rpc.ts";
import type { Runtime } from "./runtime.ts";
import { activeJob, type ExecutionState } from "./state.ts";
import { saysNoStart, startFailureOf } from "./platform-texts.ts";

/** Survives an idle object and a reset; bounds a leak if everything of ours dies. Renewed at every tick. */
export const KEEP_ALIVE_MS = 15 * 60_000;

/** How soon the next incarnation is woken after this one has ended itself. */
const WAKE_AFTER_RESET_MS = 50;
/** A platform in trouble gets no storm of resets: until the next, silence and the tick's look watch the container. */
const RESET_PAUSE_MS = 30_000;

/** A visit of the sweep waits so long for the end of a container that nothing needs; the sweep gives a visit 20 s. */
const TEND_WAIT_MS = 5_000;

export type LifelineDeps = {
  readonly runtime: Runtime;
  readonly container: ContainerPort;
  readonly storage: DurableObjectStorage;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends this incarnation of the object. */
  readonly abort: (why: string) => void;
};

/** The tie between an incarnation of the object and its container: taken up at each start, lost with it. */
export class Lifeline {
  readonly #deps: LifelineDeps;
  #beganWithout = true;
  /** The instance whose beats this incarnation is the way of. */
  #routed: string | null = null;
  /** The container of no instance that this incarnation began with, until a visit of the sweep was told. */
  #beganWithStrayMs: number | null = null;

  constructor(deps: LifelineDeps) {
    this.#deps = deps;
  }

  /** Whether `running === false` proves a death: in an incarnation that began so and has started nothing since. */
  get beganWithout(): boolean {
    return this.#beganWithout;
  }

  /** Nothing of a container survives its object's incarnation: routes, keep-alive and monitor are taken up again. */
  async wake(): Promise<void> {
    const { container, log, runtime } = this.#deps;
    const running = container.running();
    const instance = runtime.state?.instance ?? null;
    if (running && instance === null) this.#beganWithStrayMs = this.#strayMs();
    if (running && instance !== null) {
      // Each by itself: one that the platform is too busy for does not cost the other.
      const taken = await Promise.allSettled([container.keepAlive(KEEP_ALIVE_MS), this.route(instance.id)]);
      for (const each of taken) {
        if (each.status === "rejected")
          log.write("warn", "execution.reattach-failed", { instance: instance.id, error: each.reason });
      }
      this.watch(instance.id);
    }
    if (runtime.state !== null || running) runtime.apply({ kind: "woke", running });
  }

  /** Beats of this instance come here from now on. */
  async route(instance: string): Promise<void> {
    await this.#deps.container.routeBeats(instance);
    this.#routed = instance;
  }

  /** At each tick. A route that could not be taken up is tried again: without it the harness is never heard. */
  async renew(instance: string): Promise<void> {
    await this.#deps.container.keepAlive(KEEP_ALIVE_MS);
    if (this.#routed !== instance) await this.route(instance);
  }

  /** What a visit of the sweep does, whatever it finds. An execution that was never dispatched to writes nothing. */
  async tend(): Promise<Tended> {
    const { container, runtime } = this.#deps;
    try {
      const strayMs = await this.#clearStray();
      const overstayedMs = await this.#catchUp();
      const { state } = runtime;
      if (state !== null) await runtime.rearm();
      const isLive = state !== null && (state.instance !== null || activeJob(state) !== null);
      return {
        live: isLive || container.running(),
        nextDeadlineAt: state === null ? null : earliestAt(state),
        destroyedMs: strayMs ?? overstayedMs,
      };
    } catch (error) {
      await runtime.armSafety();
      throw error;
    }
  }

  /** Not under waitUntil: a pending monitor would keep the object in memory, and losing it costs only speed. */
  watch(instance: string): void {
    this.#beganWithout = false;
    this.#follow(instance).catch((error: unknown) => {
      this.#deps.log.write("warn", "monitor.failed", { instance, error });
    });
  }

  /** In a living incarnation `running === false` proves nothing; only a new one may ask afresh. */
  async reset(why: string): Promise<void> {
    const { abort, clock, log, runtime, storage } = this.#deps;
    const now = clock.now();
    const last = runtime.state?.resetAt ?? null;
    if (last !== null && now - last < RESET_PAUSE_MS) return;
    log.write("warn", "execution.reset", { why });
    runtime.apply({ kind: "resetting" });
    await storage.setAlarm(now + WAKE_AFTER_RESET_MS);
    await storage.sync();
    abort(why);
  }

  /** A container of no instance; how long it was one, where it is gone. What this incarnation began with counts once. */
  async #clearStray(): Promise<number | null> {
    const { container, log, runtime } = this.#deps;
    const isStray = runtime.state?.instance == null && container.running();
    const strayMs = isStray ? this.#strayMs() : this.#beganWithStrayMs;
    try {
      if (isStray) await container.destroy("no job needs it");
      this.#beganWithStrayMs = null;
      return strayMs;
    } catch (error) {
      log.write("warn", "stray.not-destroyed", { error });
      return null;
    }
  }

  #strayMs(): number {
    const { clock, runtime } = this.#deps;
    const now = clock.now();
    return now - (runtime.state?.lastInstance?.at ?? now);
  }

  /** One tick where one is overdue; how long a container that was only idle had overstayed, where that ended it. */
  async #catchUp(): Promise<number | null> {
    const { clock, runtime } = this.#deps;
    const { state } = runtime;
    if (state === null) return null;
    const now = clock.now();
    const unneededAt = unneededSince(state, now);
    if ((earliestAt(state) ?? now + 1) <= now) await runtime.tick();
    if (unneededAt === null) return null;
    const isGone = (): boolean => runtime.state?.instance == null;
    await runtime.until(isGone, TEND_WAIT_MS);
    return isGone() ? clock.now() - unneededAt : null;
  }

  async #follow(instance: string): Promise<void> {
    const { container, runtime } = this.#deps;
    const end = await container.monitor();
    if (end.kind === "exited")
      runtime.apply({ kind: "exited", instance, code: end.code, message: end.message });
    else if (runtime.state?.instance?.id === instance) await this.#lost(instance, end.message);
  }

  /** A monitor that ends without a code proves nothing by itself: the platform is asked. */
  async #lost(instance: string, message: string): Promise<void> {
    const { container, runtime } = this.#deps;
    const known = await container.inspect();
    const current = runtime.state?.instance ?? null;
    if (current?.id !== instance) return;
    const refused = saysNoStart(message);
    const proof = proofOfDeath({ ...unseen(current), running: container.running(), refused, known });
    if (proof === null) {
      // What was said is forgotten with this incarnation, and tells a refusal for want of room from a failure.
      if (current.phase === "started") runtime.apply({ kind: "probe-noted", instance, text: message });
      await this.reset(`the connection to the container was lost: ${message}`);
    } else if (current.phase === "started") {
      runtime.apply({ kind: "start-failed", instance, cause: startFailureOf(message), message });
    } else {
      runtime.apply({ kind: "dead", instance, proof: `${proof}; ${message}`, message });
    }
  }
}

/** Since when no job, no idling and no preview needs the live instance; null where something does. */
function unneededSince(state: ExecutionState, now: number): number | null {
  if (state.instance === null || activeJob(state) !== null) return null;
  if (state.instance.intent !== null) return state.instance.intent.at;
  const passed = passedDeadlines(state, now).find(({ name }) => name === "idle" || name === "preview");
  return passed?.at ?? null;
}
