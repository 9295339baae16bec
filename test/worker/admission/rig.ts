import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { type Dump, dumpOf } from "../execution/dump.ts";
import { type AdmissionWorld, newAdmissionWorld } from "./world.ts";

let lines = 0;

/** One line under test: the object, what stands round it, and the hands to move both. */
export class AdmissionRig {
  readonly world: AdmissionWorld;
  readonly #name: string;

  constructor(name?: string) {
    lines += 1;
    this.#name = name ?? `line_${lines}`;
    this.world = newAdmissionWorld(env.ADMISSION.idFromName(this.#name));
  }

  /** A stub is poisoned by its first error, so each call takes a fresh one. */
  get object() {
    return env.ADMISSION.getByName(this.#name);
  }

  get now(): number {
    return this.world.clock.now();
  }

  request(executionId: string, nextMs = 30_000) {
    return this.object.request({ executionId, nextDeadlineAt: this.now + nextMs });
  }

  renew(executionId: string, nextMs = 30_000) {
    return this.object.renew({ executionId, nextDeadlineAt: this.now + nextMs });
  }

  /** `nextMs`: when one that has work left acts next. */
  release(executionId: string, nextMs: number | null = null) {
    return this.object.release({
      executionId,
      nextDeadlineAt: nextMs === null ? null : this.now + nextMs,
    });
  }

  alarmAt(): Promise<number | null> {
    return runInDurableObject(this.object, (_, state) => state.storage.getAlarm());
  }

  dump(): Promise<Dump> {
    return runInDurableObject(this.object, (_, state) => dumpOf(state.storage.sql));
  }

  /** The platform loses the alarm, and nobody is told. */
  loseAlarm(): Promise<void> {
    return runInDurableObject(this.object, (_, state) => state.storage.deleteAlarm());
  }

  evict(): Promise<void> {
    return evictDurableObject(this.object);
  }

  /** Runs the alarm now, whatever it is set to; throws where the handler does. */
  alarm(): Promise<boolean> {
    return runDurableObjectAlarm(this.object);
  }

  /** Lets time pass: each alarm in its turn, and then the rest. */
  async advance(ms: number): Promise<void> {
    const until = this.now + ms;
    for (;;) {
      const at = await this.alarmAt();
      if (at === null || at > until) break;
      this.world.clock.moveTo(at);
      await this.alarm();
    }
    this.world.clock.moveTo(until);
  }

  events(name: string) {
    return this.world.log.filter(({ event }) => event === name).map(({ fields }) => fields);
  }
}
