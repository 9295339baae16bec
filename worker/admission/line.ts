import type { SlotAnswer } from "../ports.ts";
import type { Tended } from "../execution/rpc.ts";
import { aged, asked, dueAt, heard, isGivenUp, isSlot, isWaiting, type Place, unanswered } from "./place.ts";

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

/** More than any deployment has live. Beyond it nobody new joins the line; whoever asks is told to wait. */
export const MAX_PLACES = 10_000;
/** What one sweep asks at most, so that it ends within an alarm's time; the next follows at once. */
export const MAX_ASKED = 50;

export function emptyLine(max: number): Line {
  return { max, places: new Map(), counter: 0, totals: { swept: 0, failed: 0, orphans: 0, orphanMs: 0 } };
}

/** Asks for a slot, or keeps the place in the line. Slots are given in the order of first asking. */
export function request(
  before: Line,
  executionId: string,
  nextDeadlineAt: number,
  now: number,
): Moved & { readonly answer: SlotAnswer } {
  const settled = settle(before, now);
  const known = settled.line.places.get(executionId);
  if (known === undefined && settled.line.places.size >= MAX_PLACES) {
    return { ...settled, answer: waitingAt(settled.line, waitingCount(settled.line) + 1) };
  }
  // One whose slot lapsed and who asks in place of renewing has nothing running: it waits, at its old place.
  const wanted: Place =
    known === undefined
      ? newPlace(settled.line, executionId, "waiting", now)
      : { ...known, ...(known.lapsed ? { kind: "waiting", since: now } : {}) };
  const moved = promote(touch(settled.line, heard(wanted, nextDeadlineAt, now)), now);
  const { line } = moved;
  const place = line.places.get(executionId);
  const effects = [...settled.effects, ...moved.effects].filter((each) => each.executionId !== executionId);
  const answer: SlotAnswer =
    place === undefined || isSlot(place) ? { kind: "granted" } : waitingAt(line, positionOf(line, place));
  return { line, effects, answer };
}

/** Keeps a slot. One that had lapsed is held again, were it one too many: what runs is never stopped for a slot. */
export function renew(
  before: Line,
  executionId: string,
  nextDeadlineAt: number,
  now: number,
): Moved & { readonly held: boolean } {
  const { line, effects } = settle(before, now);
  const known = line.places.get(executionId) ?? newPlace(line, executionId, "slot", now);
  const held = line.places.has(executionId) && isSlot(known);
  const place: Place = held ? known : { ...known, kind: "slot", since: now };
  return {
    line: touch(line, heard(place, nextDeadlineAt, now)),
    effects: effects.filter((each) => each.executionId !== executionId),
    held,
  };
}

/** Gives a slot or a place back; of an execution that has neither, nothing. */
export function release(before: Line, executionId: string, now: number): Moved {
  return settle(before.places.has(executionId) ? without(before, executionId) : before, now);
}

/** Lapses what has lapsed, and asks the executions that are overdue, the longest first. */
export function sweep(before: Line, now: number): Moved {
  const settled = settle(before, now);
  const kept = [...settled.line.places.values()].filter((place) => !isGivenUp(place, now));
  const due = kept
    .filter((place) => place.checkAt <= now)
    .toSorted((a, b) => a.checkAt - b.checkAt)
    .slice(0, MAX_ASKED);
  if (due.length === 0 && kept.length === settled.line.places.size) return settled;
  const places = new Map(kept.map((place) => [place.executionId, place]));
  for (const place of due) places.set(place.executionId, asked(place, now));
  const asks = due.map(({ executionId, touch: of }) => ({ kind: "tend", executionId, touch: of }) as const);
  return { line: { ...settled.line, places }, effects: [...settled.effects, ...asks] };
}

/** What a question came to; null where it failed. An answer from before the execution's last word moves nothing. */
export function tended(
  before: Line,
  { executionId, touch: of }: { readonly executionId: string; readonly touch: number },
  answer: Tended | null,
  now: number,
): Moved {
  const counted = { ...before, totals: count(before.totals, answer) };
  const place = counted.places.get(executionId);
  if (place === undefined || place.touch !== of) return settle(counted, now);
  if (answer === null) return settle(withPlaces(counted, [unanswered(place, now)]), now);
  if (!answer.live) return settle(without(counted, executionId), now);
  return settle(withPlaces(counted, [heard(place, answer.nextDeadlineAt ?? now, now)]), now);
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

function settle(line: Line, now: number): Moved {
  const changed: Place[] = [];
  for (const place of line.places.values()) {
    const older = aged(place, now);
    if (older !== place) changed.push(older);
  }
  return promote(withPlaces(line, changed), now);
}

/** Free slots go to the first in line. Each is kept for its new holder until that one asks, or lapses. */
function promote(line: Line, now: number): Moved {
  const free = line.max - slotCount(line);
  const next = free > 0 ? inLine(line).slice(0, free) : [];
  const promoted = next.map((place): Place => ({ ...place, kind: "slot", since: now }));
  return {
    line: withPlaces(line, promoted),
    effects: next.map(({ executionId }) => ({ kind: "tell", executionId })),
  };
}

function newPlace(line: Line, executionId: string, kind: Place["kind"], now: number): Place {
  const ticket = line.counter + 1;
  return {
    executionId,
    kind,
    lapsed: false,
    ticket,
    since: now,
    renewedAt: now,
    checkAt: now,
    failures: 0,
    touch: ticket,
  };
}

function touch(line: Line, place: Place): Line {
  const counter = line.counter + 1;
  return { ...withPlaces(line, [{ ...place, touch: counter }]), counter };
}

function withPlaces(line: Line, changed: readonly Place[]): Line {
  if (changed.length === 0) return line;
  const places = new Map(line.places);
  for (const place of changed) places.set(place.executionId, place);
  return { ...line, places };
}

function without(line: Line, executionId: string): Line {
  const places = new Map(line.places);
  places.delete(executionId);
  return { ...line, places };
}

function countOf(line: Line, isCounted: (place: Place) => boolean): number {
  let sum = 0;
  for (const place of line.places.values()) if (isCounted(place)) sum += 1;
  return sum;
}

function waitingAt(line: Line, position: number): SlotAnswer {
  return { kind: "waiting", position, live: slotCount(line), max: line.max };
}

function count(totals: Totals, answer: Tended | null): Totals {
  if (answer === null) return { ...totals, failed: totals.failed + 1 };
  const orphanMs = answer.destroyedMs;
  return {
    ...totals,
    swept: totals.swept + 1,
    ...(orphanMs === null ? {} : { orphans: totals.orphans + 1, orphanMs: totals.orphanMs + orphanMs }),
  };
}
