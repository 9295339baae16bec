import type { ErrorCode } from "../../../shared/errors.ts";

/** An agent beside the harness may send what it likes: what is refused is told at once, and then once a minute. */
const TOLD_EVERY_MS = 60_000;

/** Counts refused beats in memory; what was not told when the object ends is lost. As many entries as there are codes. */
export class Refusals {
  readonly #untold = new Map<ErrorCode, { readonly count: number; readonly toldAt: number }>();

  /** Counts one, and answers how many to tell of: null where none yet. */
  count(code: ErrorCode, now: number): number | null {
    const known = this.#untold.get(code);
    const count = (known?.count ?? 0) + 1;
    const toldAt = known?.toldAt ?? Number.NEGATIVE_INFINITY;
    const isDue = now - toldAt >= TOLD_EVERY_MS || now < toldAt;
    this.#untold.set(code, isDue ? { count: 0, toldAt: now } : { count, toldAt });
    return isDue ? count : null;
  }
}
