import { aged, dueAt, isSlot, isWaiting, type Place } from "./place.ts";

/** Every execution that has a slot or waits for one, and what sweeping has come to. Plain data. */
export type Line = {
  readonly max: number;
  readonly places: ReadonlyMap<string, Place>;
  /** Highest ticket and touch given out. */
  readonly counter: number;
  readonly totals: Totals;
};

export type Totals = {
  /** Executions that answered a question of the sweep. */
  readonly swept: number;
  /** Questions that failed. */
  readonly failed: number;
  /** Containers that ran though nothing needed them, and how long they did. */
  readonly orphans: number;
  readonly orphanMs: number;
};

export type LineEffect =
  /** Its turn has come: a hint, since whoever waits asks again. */
  | { readonly kind: "tell"; readonly executionId: string }
  | { readonly kind: "tend"; readonly executionId: string; readonly touch: number };

export type Moved = { readonly line: Line; readonly effects: readonly LineEffect[] };

export function emptyLine(max: number): Line {
  return { max, places: new Map(), counter: 0, totals: { swept: 0, failed: 0, orphans: 0, orphanMs: 0 } };
}

/** When time alone changes something; null while there is nobody. */
export function nextAlarmAt(line: Line): number | null {
  let earliest: number | null = null;
  for (const place of line.places.values()) earliest = Math.min(earliest ?? dueAt(place), dueAt(place));
  return earliest;
}

export function slotCount(line: Line): number {
  return countOf(line, isSlot);
}

export function waitingCount(line: Line): number {
  return countOf(line, isWaiting);
}

/** 1 for the first in line. */
export function positionOf(line: Line, { ticket }: Place): number {
  return countOf(line, (place) => isWaiting(place) && place.ticket <= ticket);
}

/** Who waits, the first in line first. */
export function inLine(line: Line): readonly Place[] {
  return [...line.places.values()].filter(isWaiting).toSorted((a, b) => a.ticket - b.ticket);
}

/** What time alone does to the line. Every move begins with it. */
export function settle(line: Line, now: number): Moved {
  const changed: Place[] = [];
  for (const place of line.places.values()) {
    const older = aged(place, now);
    if (older !== place) changed.push(older);
  }
  return promote(withPlaces(line, changed), now);
}

/** Free slots go to the first in line. Each is kept for its new holder until that one asks, or lapses. */
export function promote(line: Line, now: number): Moved {
  const free = line.max - slotCount(line);
  const next = free > 0 ? inLine(line).slice(0, free) : [];
  const promoted = next.map((place): Place => ({ ...place, kind: "slot", since: now }));
  return {
    line: withPlaces(line, promoted),
    effects: next.map(({ executionId }) => ({ kind: "tell", executionId })),
  };
}

export function withPlaces(line: Line, changed: readonly Place[]): Line {
  if (changed.length === 0) return line;
  const places = new Map(line.places);
  for (const place of changed) places.set(place.executionId, place);
  return { ...line, places };
}

export function without(line: Line, executionId: string): Line {
  const places = new Map(line.places);
  places.delete(executionId);
  return { ...line, places };
}

function countOf(line: Line, isCounted: (place: Place) => boolean): number {
  let sum = 0;
  for (const place of line.places.values()) if (isCounted(place)) sum += 1;
  return sum;
}
