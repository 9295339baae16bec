/** Notices that nothing happens any more. */

/** Longer than any limit of a fate, and than a start on a busy machine. */
export const STILL_MS = 10 * 60_000;

export type Stillness = {
  /** Something has happened: the time begins anew. */
  readonly stir: () => void;
  readonly end: () => void;
};

/** Calls back each time that nothing has stirred for so long. */
export function watchStillness(afterMs: number, onStill: (afterMs: number) => void): Stillness {
  const timer = setTimeout(() => {
    timer.refresh();
    onStill(afterMs);
  }, afterMs);
  return { stir: () => void timer.refresh(), end: () => clearTimeout(timer) };
}
