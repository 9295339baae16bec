import type { Owner } from "./owner.ts";

/** A handler that throws is tried again after 2 s, twice that, and so on; after six times the alarm is gone. */
const FIRST_RETRY_MS = 2_000;
const THROWS_MAX = 6;

/** The one alarm the platform keeps for an object. */
export class Alarm {
  /** When it is to fire; null where it is not set, or while its handler runs. */
  at: number | null = null;
  readonly #owner: Owner;
  #throwsLeft = 0;
  #thrown = 0;
  /** Every setting replaces the one before. */
  #setting = 0;

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  set(at: number): void {
    if (this.at === at) return;
    this.at = at;
    this.#thrown = 0;
    this.#arrange(at, at);
  }

  clear(): void {
    this.at = null;
    this.#setting += 1;
  }

  throwNext(times: number): void {
    this.#throwsLeft += times;
  }

  calm(): void {
    this.#throwsLeft = 0;
  }

  #arrange(at: number, dueAt: number): void {
    this.#setting += 1;
    const setting = this.#setting;
    // Of what happens at one moment the alarm is first: whoever waits for it must not be helped by chance.
    this.#owner.site.world.agenda.at(at, () => setting === this.#setting && this.#due(dueAt), 0);
  }

  #due(dueAt: number): void {
    const owner = this.#owner;
    const { faults, draw } = owner.site.world;
    if (owner.isFrozen) return this.#arrange(owner.frozenUntil, dueAt);
    if (faults.strikes("alarm-lost")) {
      owner.site.disturb();
      this.clear();
      return;
    }
    if (faults.strikes("alarm-late")) {
      owner.site.disturb();
      this.#arrange(owner.now + draw.pick([1_000, 10_000, 60_000, 300_000]), dueAt);
      return;
    }
    if (this.#throwsLeft > 0) return this.#throw(dueAt);
    const isDoubled = faults.strikes("alarm-doubled");
    this.at = null;
    owner.tick();
    if (isDoubled) owner.tick();
  }

  #throw(dueAt: number): void {
    const owner = this.#owner;
    this.#throwsLeft -= 1;
    this.#thrown += 1;
    owner.site.disturb();
    owner.site.world.faults.happened("alarm-throws");
    if (this.#thrown >= THROWS_MAX) {
      owner.site.world.faults.happened("alarm-abandoned");
      this.#throwsLeft = 0;
      this.clear();
      return;
    }
    this.#arrange(owner.now + FIRST_RETRY_MS * 2 ** (this.#thrown - 1), dueAt);
  }
}
