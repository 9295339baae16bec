import { Changes } from "../changes.ts";
import type { Clock, Log, Random, Timer } from "../ports.ts";
import { leftDue, lookAt } from "./deadlines.ts";
import type { Effect } from "./effect.ts";
import type { Happening } from "./input.ts";
import { step, type Stepped } from "./lifecycle.ts";
import type { ExecutionState } from "./state.ts";
import type { PendingEffect, SealedSpec, Store } from "./store.ts";
import { idsOfEffect, type Turned } from "./telling/turned.ts";

/** The alarm handler arms this first: whatever happens in it, the object wakes again. */
const SAFETY_ALARM_MS = 30_000;
/** Longer than the keep-alive of a container, which only runs out while its object is at rest. */
const UNREADABLE_ALARM_MS = 16 * 60_000;

export type RuntimeDeps = {
  readonly store: Store;
  readonly storage: DurableObjectStorage;
  readonly clock: Clock;
  readonly random: Random;
  readonly timer: Timer;
  readonly log: Log;
  readonly run: (effect: Effect) => Promise<void>;
  readonly background: (work: Promise<void>) => void;
  /** Told of every state once it is written. */
  readonly committed: (state: ExecutionState) => void;
  /** Told once of every turn, after it is written; never throws. */
  readonly told: (turned: Turned) => void;
  /** What the board has not heard: looked for after every change and at every tick, with a moment of its own. */
  readonly news: { readonly look: () => void; readonly dueAt: () => number | null };
};

/**
 * Loads the state, puts inputs through `step`, and writes what comes of them: state, events, pending effects and the
 * next alarm in one go with no await between. Effects run afterwards.
 */
export class Runtime {
  readonly #deps: RuntimeDeps;
  readonly #running = new Set<number>();
  readonly #changes: Changes;
  #state: ExecutionState | null = null;
  #unreadable: unknown = null;
  #alarmAt: number | null = null;
  #tickedAt = Number.NEGATIVE_INFINITY;
  #leftDue: ReadonlySet<string> = new Set();

  constructor(deps: RuntimeDeps) {
    this.#deps = deps;
    this.#changes = new Changes(deps.timer);
    try {
      this.#state = deps.store.load();
    } catch (error) {
      this.#unreadable = error;
    }
  }

  /** Throws where what is stored cannot be read: nothing may then be taken for absent, and nothing is written. */
  get state(): ExecutionState | null {
    if (this.#unreadable !== null)
      throw new Error("the stored state cannot be read", { cause: this.#unreadable });
    return this.#state;
  }

  /** One input through the core. Throws only for a defect of ours; the state is then as it was. */
  apply(happening: Happening, spec: ((stepped: Stepped) => SealedSpec | null) | null = null): Stepped {
    const { clock, random, store } = this.#deps;
    const now = clock.now();
    const before = this.state;
    const stepped = step(before, { ...happening, freshId: random.id() }, now);
    if (stepped.state === null || (stepped.state === before && stepped.effects.length === 0)) {
      if (stepped.state === null) this.#runUnstored(stepped.effects);
      return stepped;
    }
    const pending = store.commit({
      before,
      after: stepped.state,
      effects: stepped.effects.filter((effect) => !isPassing(effect)),
      events: stepped.events,
      results: stepped.results,
      spec: spec?.(stepped) ?? null,
      now,
    });
    this.#state = stepped.state;
    this.#deps.committed(stepped.state);
    this.#deps.news.look();
    this.arm();
    // Before its effects: one that needs no waiting takes the next turn at once.
    this.#deps.told({ before, after: stepped.state, stepped, happening, now });
    this.#changes.tell();
    this.drain(pending);
    this.#runUnstored(stepped.effects.filter((effect) => isPassing(effect)));
    return stepped;
  }

  /** The alarm's handler: never throws, since six throws make the platform drop the alarm for good. */
  async tick(): Promise<void> {
    const { clock, log, storage } = this.#deps;
    try {
      this.#tickedAt = clock.now();
      await this.armSafety();
      if (this.state === null) {
        await storage.deleteAlarm();
        return;
      }
      this.apply({ kind: "tick" });
      this.#leftDue = leftDue(this.#state, this.#tickedAt);
      this.#deps.news.look();
      this.arm();
      this.drain(this.#deps.store.pendingEffects());
    } catch (error) {
      log.write("error", "alarm.failed", { error });
      this.#leaveDue();
      this.recordInternalError(error);
    }
  }

  /** What a tick that failed did not act on; nothing where the state itself is broken, and then the safety alarm stands. */
  #leaveDue(): void {
    try {
      this.#leftDue = leftDue(this.#state, this.#tickedAt);
    } catch {
      this.#leftDue = new Set();
    }
  }

  /** Whatever went wrong, the object wakes again. */
  async armSafety(): Promise<void> {
    const { clock, storage } = this.#deps;
    this.#alarmAt = clock.now() + (this.#unreadable === null ? SAFETY_ALARM_MS : UNREADABLE_ALARM_MS);
    await storage.setAlarm(this.#alarmAt);
  }

  /** Sets the alarm to the earliest deadline, or to when the board is to hear; a cache, so setting it again is harmless. */
  arm(): void {
    const { clock, news, storage } = this.#deps;
    const againAt = this.#tickedAt + SAFETY_ALARM_MS;
    const newsAt = news.dueAt() ?? Number.POSITIVE_INFINITY;
    const earliest = Math.min(
      lookAt(this.#state, { keys: this.#leftDue, againAt }) ?? Number.POSITIVE_INFINITY,
      newsAt <= this.#tickedAt ? againAt : newsAt,
    );
    if (earliest === Number.POSITIVE_INFINITY) return;
    // The platform drops an alarm that is set to its own now.
    const at = Math.max(earliest, clock.now() + 1);
    if (at === this.#alarmAt) return;
    this.#alarmAt = at;
    void storage.setAlarm(at);
  }

  /** After a start of the object: an alarm that is missing or overdue is set anew. */
  async rearm(): Promise<void> {
    this.#alarmAt = await this.#deps.storage.getAlarm();
    this.arm();
  }

  recordInternalError(error: unknown): void {
    try {
      this.apply({ kind: "internal-error", text: error instanceof Error ? error.message : String(error) });
    } catch (second) {
      this.#deps.log.write("error", "execution.broken", { error: second });
    }
  }

  drain(pending: readonly PendingEffect[]): void {
    for (const { id, effect } of pending) {
      if (this.#running.has(id)) continue;
      this.#running.add(id);
      this.#deps.background(this.#runStored(id, effect));
    }
  }

  /** Waits for a condition on the state, at most `waitMs`. */
  until(isSo: () => boolean, waitMs: number): Promise<void> {
    return this.#changes.until(isSo, waitMs);
  }

  async #runStored(id: number, effect: Effect): Promise<void> {
    const { log, run, store } = this.#deps;
    try {
      await run(effect);
      store.effectDone(id);
    } catch (error) {
      // It stays stored: the next tick or the next incarnation runs it again.
      log.child(idsOfEffect(effect)).write("warn", "effect.failed", { effect: effect.kind, error });
    } finally {
      this.#running.delete(id);
    }
  }

  /** Effects that the next tick wants again anyway, or of an object that has stored nothing. */
  #runUnstored(effects: readonly Effect[]): void {
    for (const effect of effects) {
      this.#deps.background(
        this.#deps.run(effect).catch((error: unknown) => {
          this.#deps.log
            .child(idsOfEffect(effect))
            .write("warn", "effect.failed", { effect: effect.kind, error });
        }),
      );
    }
  }
}

/** Every tick wants it anew: storing it would only pile up what a failing platform did not take. */
function isPassing(effect: Effect): boolean {
  return passing.has(effect.kind);
}

const passing: ReadonlySet<Effect["kind"]> = new Set(["keep-alive", "renew-slot", "poll", "forget"]);
