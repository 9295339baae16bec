/** One job at a time in a folder. The jobs of a process take turns, in the order in which they came. */

export type Turn = {
  /** Gives the folder to the next; idempotent. */
  readonly end: () => void;
};

/** The end of the last turn of each folder that somebody has or waits for. */
const lastTurns = new Map<string, Promise<unknown>>();

/** Waits for its turn; null when `signal` was aborted first. `onWait` is called where there is somebody to wait for. */
export async function takeTurn(
  folder: string,
  { signal, onWait }: { readonly signal: AbortSignal; readonly onWait: () => void },
): Promise<Turn | null> {
  // two spellings are one folder where the file system says so
  const key = folder.toLowerCase();
  const before = lastTurns.get(key);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const last = forgetAfter(key, Promise.all([before, ended]));
  lastTurns.set(key, last);
  if (before !== undefined) {
    onWait();
    await Promise.race([before, aborted(signal)]);
  }
  if (!signal.aborted) return { end };
  end();
  return null;
}

/** Where nobody came behind, the folder is as free as one nobody ever had. */
function forgetAfter(key: string, turns: Promise<unknown>): Promise<unknown> {
  const last = turns.finally(() => {
    if (lastTurns.get(key) === last) lastTurns.delete(key);
  });
  return last;
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}
