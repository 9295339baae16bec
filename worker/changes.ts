import type { Timer } from "./ports.ts";

/** Lets callers wait until something about an object is so; whoever changes it says that it has changed. */
export class Changes {
  readonly #timer: Timer;
  readonly #waiting = new Set<() => void>();

  constructor(timer: Timer) {
    this.#timer = timer;
  }

  /** Waits for a condition, at most `waitMs`. */
  async until(isSo: () => boolean, waitMs: number): Promise<void> {
    if (isSo() || waitMs <= 0) return;
    const late = this.#timer.sleep(waitMs).then(() => "late" as const);
    for (let woken = ""; !isSo() && woken !== "late";) {
      const { changed, forget } = this.#next();
      woken = await Promise.race([changed.then(() => "changed" as const), late]);
      forget();
    }
  }

  tell(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const tell of waiting) tell();
  }

  #next(): { readonly changed: Promise<void>; readonly forget: () => void } {
    let resolve: () => void = () => undefined;
    const changed = new Promise<void>((done) => {
      resolve = done;
    });
    this.#waiting.add(resolve);
    return { changed, forget: () => this.#waiting.delete(resolve) };
  }
}
