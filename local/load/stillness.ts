/** Notices that nothing happens any more. */

export type Stillness = {
  /** Something has happened: the time begins anew. */
  readonly stir: () => void;
  readonly end: () => void;
};

/** Calls back each time that nothing has stirred for so long. */
export function watchStillness(afterMs: number, onStill: () => void): Stillness {
  const timer = setTimeout(() => {
    timer.refresh();
    onStill();
  }, afterMs);
  return { stir: () => void timer.refresh(), end: () => clearTimeout(timer) };
}
