/** How long a slot, or a place in the line, is kept without a word from its execution. */
export const LAPSE_MS = 5 * 60_000;
/** An execution is overdue this long after the moment at which it said it would act: its alarm may be lost. */
export const OVERDUE_MS = 2 * 60_000;
/** An execution that was asked is not asked again before this, whatever became of the question. */
const ASKED_MS = 120_000;
/** After each further question that failed; the last one stands for all later ones, and is longer than any keep-alive. */
const BACKOFF_MS = [30_000, 60_000, 120_000, 300_000, 600_000, 1_200_000];
/** A lapsed execution that could not be asked for so long is forgotten; it comes back by asking. */
const GIVEN_UP_MS = 24 * 60 * 60_000;

/** `watched` wants no container for now: it counts as neither, and is asked where it does not act. */
export type PlaceKind = "slot" | "waiting" | "watched";

/** What is remembered of one execution. Its row stands until the execution gives it back or is found to need none. */
export type Place = {
  readonly executionId: string;
  readonly kind: PlaceKind;
  /** Nothing was heard for too long: it counts as neither, and goes on being watched. */
  readonly lapsed: boolean;
  /** Order in the line, kept for as long as the row stands. */
  readonly ticket: number;
  /** Since when it has been of this kind. */
  readonly since: number;
  readonly renewedAt: number;
  /** When it is asked whether it still needs this. */
  readonly checkAt: number;
  /** Questions in a row that failed. */
  readonly failures: number;
  /** Grows with every word of the execution: an answer to a question from before it is out of date. */
  readonly touch: number;
};

export function isSlot(place: Place): boolean {
  return place.kind === "slot" && !place.lapsed;
}

export function isWaiting(place: Place): boolean {
  return place.kind === "waiting" && !place.lapsed;
}

function isOnlyWatched({ kind, lapsed }: Place): boolean {
  return lapsed || kind === "watched";
}

/** A word of the execution itself, or its own answer that it lives. */
export function heard(place: Place, nextDeadlineAt: number, now: number): Place {
  // The moment is another machine's: neither a clock that runs a day ahead nor one that runs behind may decide alone.
  const acts = Number.isFinite(nextDeadlineAt) ? Math.max(nextDeadlineAt, now) : now;
  const checkAt = Math.min(acts + OVERDUE_MS, now + LAPSE_MS);
  return { ...place, lapsed: false, renewedAt: now, checkAt, failures: 0 };
}

/** What time alone does to a place. */
export function aged(place: Place, now: number): Place {
  // A clock that was ahead and is set right would keep a slot for as long as it was ahead.
  if (place.renewedAt > now) {
    return { ...place, renewedAt: now, checkAt: Math.min(place.checkAt, now + LAPSE_MS) };
  }
  if (place.kind === "watched") return place;
  return !place.lapsed && now >= place.renewedAt + LAPSE_MS ? { ...place, lapsed: true } : place;
}

export function asked(place: Place, now: number): Place {
  return { ...place, checkAt: now + ASKED_MS };
}

/** Nothing is concluded from a question that failed: a slot stays until it lapses, and the question is put again. */
export function unanswered(place: Place, now: number): Place {
  const backoffMs = BACKOFF_MS[Math.min(place.failures, BACKOFF_MS.length - 1)] ?? ASKED_MS;
  return { ...place, failures: place.failures + 1, checkAt: now + backoffMs };
}

export function isGivenUp(place: Place, now: number): boolean {
  return isOnlyWatched(place) && place.failures > 0 && now >= place.renewedAt + GIVEN_UP_MS;
}

/** When time alone changes something about it. */
export function dueAt(place: Place): number {
  return isOnlyWatched(place) ? place.checkAt : Math.min(place.renewedAt + LAPSE_MS, place.checkAt);
}
