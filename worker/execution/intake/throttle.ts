/** A token bucket in memory: a burst of two seconds' worth, then the rate. A new incarnation begins with a full one. */
export class Throttle {
  readonly #perSecond: number;
  #tokens: number;
  #at: number | null = null;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond * 2;
  }

  admits(now: number): boolean {
    const elapsedMs = Math.max(0, now - (this.#at ?? now));
    this.#at = now;
    this.#tokens = Math.min(this.#perSecond * 2, this.#tokens + (elapsedMs / 1000) * this.#perSecond);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
