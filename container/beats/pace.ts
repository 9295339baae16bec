/** When the next beat is due: pure arithmetic over the client's own clock. */

export type Pace = {
  readonly startedAt: number;
  /** End of the last exchange; what failed is tried again counted from here. */
  readonly endedAt: number;
  readonly nextBeatMs: number;
  /** Consecutive exchanges without an answer that moved anything. */
  readonly failures: number;
  /** When the oldest event that was in no beat yet came in; null where there is none. */
  readonly unsentSince: number | null;
  /** Something waits that is worth a beat of its own at once: a full batch, the end of the job. */
  readonly urgent: boolean;
};

/** Events gather this long, which leaves slack to the promised 250 ms. */
const GATHER_MS = 100;

/** Under the object's 20 beats a second, with room for jitter. */
const SPACING_MS = 60;

const BACKOFF_FIRST_MS = 250;
const BACKOFF_MAX_MS = 10_000;

export function nextBeatAt(pace: Pace): number {
  const { startedAt, endedAt, nextBeatMs, failures, unsentSince, urgent } = pace;
  if (failures > 0) return endedAt + backoffMs(failures, nextBeatMs);
  const earliest = startedAt + SPACING_MS;
  if (urgent) return earliest;
  const quiet = Math.max(earliest, startedAt + nextBeatMs);
  return unsentSince === null ? quiet : Math.min(quiet, Math.max(earliest, unsentSince + GATHER_MS));
}

/** Doubles from 250 ms to 10 s, but never past the beat interval: whoever waits longer than that counts as silent. */
export function backoffMs(failures: number, nextBeatMs: number): number {
  const most = Math.min(BACKOFF_MAX_MS, Math.max(nextBeatMs, 20));
  return Math.min(most, BACKOFF_FIRST_MS * 2 ** Math.min(failures - 1, 10));
}

/** How long an answer is waited for; a beat that got none is sent again, and stored once. */
export function answerMs(nextBeatMs: number): number {
  return Math.min(10_000, Math.max(1_000, nextBeatMs));
}
