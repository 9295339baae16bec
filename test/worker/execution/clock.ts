import type { Clock, Timer } from "../../../worker/ports.ts";

/** Later than any real now: workerd fires an alarm that is due at once, and these are fired by the test. */
export const TEST_START = Date.UTC(2099, 0, 1);

type Sleeper = { readonly at: number; readonly wake: () => void };

/** Time that stands still until a test moves it; sleepers wake when it has reached them. */
export class TestClock implements Clock, Timer {
  #now = TEST_START;
  #sleepers: readonly Sleeper[] = [];

  now(): number {
    return this.#now;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.#sleepers = [...this.#sleepers, { at: this.#now + ms, wake }];
    });
  }

  /** Fails what takes longer, and leaves no sleeper behind where it does not. */
  async within<T>(ms: number, work: Promise<T>): Promise<T> {
    let end: () => void = () => undefined;
    const late = new Promise<never>((_, reject) => {
      end = () => reject(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
      this.#sleepers = [...this.#sleepers, { at: this.#now + ms, wake: end }];
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      this.#sleepers = this.#sleepers.filter(({ wake }) => wake !== end);
    }
  }

  /** When the next sleeper wakes; null while nobody sleeps. */
  nextWake(): number | null {
    const times = this.#sleepers.map(({ at }) => at);
    return times.length === 0 ? null : Math.min(...times);
  }

  moveTo(at: number): void {
    this.#now = Math.max(this.#now, at);
    const due = this.#sleepers.filter((sleeper) => sleeper.at <= this.#now);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.at > this.#now);
    for (const { wake } of due) wake();
  }

  /** What slept in an object that has ended never wakes. */
  forgetSleepers(): void {
    this.#sleepers = [];
  }
}
