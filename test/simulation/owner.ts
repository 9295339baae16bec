import { deadlines, leftDue, lookAt } from "../../worker/execution/deadlines.ts";
import type { Effect } from "../../worker/execution/effect.ts";
import type { Happening } from "../../worker/execution/input.ts";
import { step, type Stepped } from "../../worker/execution/lifecycle.ts";
import type { ExecutionState } from "../../worker/execution/state.ts";
import { Alarm } from "./alarm.ts";
import { carryOut } from "./effects.ts";
import { inspectStep } from "./inspecting.ts";
import type { Site } from "./site.ts";
import { written } from "./stored.ts";

const SAFETY_MS = 30_000;
const EFFECT_MS = 5;

/**
 * The durable object that owns one execution: what it has stored survives it, what it holds in memory does not. Feeds
 * the core, stores what comes of it before anything is done, and arms its one alarm.
 */
export class Owner {
  readonly site: Site;
  readonly alarm: Alarm;
  readonly stored: { state: ExecutionState | null; readonly effects: Map<number, Effect> } = {
    state: null,
    effects: new Map(),
  };
  state: ExecutionState | null = null;
  isAwake = false;
  incarnation = 0;
  frozenUntil = 0;
  /** Whether this incarnation has lost sight of a container that lives. */
  isBlind = false;
  /** Whether this incarnation began without a container and has started none. */
  beganWithout = true;
  /** The container whose monitor this incarnation holds. */
  watched: string | null = null;
  #tickedAt = Number.NEGATIVE_INFINITY;
  #leftDue: ReadonlySet<string> = new Set();
  #lastEffect = 0;
  readonly #running = new Set<number>();

  constructor(site: Site) {
    this.site = site;
    this.alarm = new Alarm(this);
  }

  get now(): number {
    return this.site.world.agenda.now;
  }

  get isFrozen(): boolean {
    return this.now < this.frozenUntil;
  }

  /** Puts one input through the core. @returns null where nothing came of it because the object ended on the way */
  give(happening: Happening): Stepped | null {
    this.wake();
    const { world } = this.site;
    if (world.faults.strikes("write-failed")) {
      this.evict();
      return null;
    }
    const before = this.state;
    const freshId = world.freshId("instance");
    const stepped = world.guard(() => step(before, { ...happening, freshId }, this.now), happening, before);
    this.#store(stepped, before);
    inspectStep(this.site, { input: happening, before, stepped, freshId });
    this.site.look();
    return stepped;
  }

  /** The alarm's handler. */
  tick(): void {
    this.alarm.set(this.now + SAFETY_MS);
    this.wake();
    this.#tickedAt = this.now;
    if (this.state === null) {
      this.alarm.clear();
      return;
    }
    // A warning comes up already due where its stop moves closer than the notice.
    const dueAt = deadlines(this.state).find(({ name }) => name !== "warning")?.at ?? this.now;
    if (dueAt < this.now) this.site.slept(dueAt);
    if (this.site.world.faults.strikes("step-throws")) {
      this.site.disturb();
      this.give({ kind: "internal-error", text: "a defect" });
      return;
    }
    this.give({ kind: "tick" });
    this.#leftDue = leftDue(this.state, this.#tickedAt);
    this.#arm();
    this.drain();
  }

  /** Whoever reaches the object finds it awake; an incarnation that fails to begin is followed by another. */
  wake(): void {
    while (!this.isAwake) this.#begin();
  }

  /** The incarnation ends; nothing of its memory is left, and what it was about to do is not done. */
  evict(): void {
    this.isAwake = false;
    this.incarnation += 1;
    this.state = null;
    this.#running.clear();
    this.#tickedAt = Number.NEGATIVE_INFINITY;
    this.#leftDue = new Set();
  }

  forget(): void {
    this.stored.state = null;
    this.stored.effects.clear();
    this.alarm.clear();
    this.site.beginAnew();
    this.evict();
  }

  /** Something that reaches this incarnation later, or not at all; one that sleeps has it when it wakes. */
  later(ms: number, act: () => void): void {
    const { incarnation, site } = this;
    const arrive = (): void => {
      if (this.incarnation !== incarnation) return;
      if (this.isFrozen) site.world.agenda.at(this.frozenUntil, arrive);
      else act();
    };
    site.world.agenda.in(ms, arrive);
  }

  /** Runs what is stored to be done and not under way. */
  drain(): void {
    for (const [id, effect] of this.stored.effects) {
      if (this.#running.has(id)) continue;
      this.#running.add(id);
      this.later(EFFECT_MS, () => {
        const fails = this.site.world.faults.strikes("effect-failed");
        if (fails) this.#running.delete(id);
        else carryOut(effect, this.site, () => this.stored.effects.delete(id));
      });
    }
  }

  /** After a start of the object: an alarm that is missing or overdue is set anew. */
  rearm(): void {
    if (this.alarm.at === null || this.alarm.at <= this.now) this.#arm();
  }

  #begin(): void {
    this.isAwake = true;
    this.incarnation += 1;
    this.state = written(this.stored.state, this.site.world);
    const { platform } = this.site;
    this.isBlind = false;
    const running = platform.living.length > 0;
    const instance = this.state?.instance ?? null;
    this.beganWithout = !(running && instance !== null);
    this.watched = running ? (instance?.id ?? null) : null;
    if (this.state === null && !running) return;
    if (this.give({ kind: "woke", running }) === null) return;
    this.drain();
    this.rearm();
  }

  #store({ effects, state }: Stepped, before: ExecutionState | null): void {
    const passing = effects.filter((effect) => state === null || isPassing(effect));
    for (const effect of passing) this.later(EFFECT_MS, () => carryOut(effect, this.site, () => undefined));
    if (state === null || (state === before && effects.length === 0)) return;
    this.state = state;
    this.stored.state = state;
    for (const effect of effects) {
      if (isPassing(effect)) continue;
      this.#lastEffect += 1;
      this.stored.effects.set(this.#lastEffect, effect);
    }
    this.#arm();
    this.drain();
  }

  /** The alarm is a cache of the earliest deadline; one that a tick left due is tried again later. */
  #arm(): void {
    const earliest = lookAt(this.state, { keys: this.#leftDue, againAt: this.#tickedAt + SAFETY_MS });
    if (earliest !== null) this.alarm.set(Math.max(earliest, this.now + 1));
  }
}

function isPassing({ kind }: Effect): boolean {
  return kind === "keep-alive" || kind === "renew-slot" || kind === "poll";
}
