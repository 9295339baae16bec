import type { SlotAnswer } from "../ports.ts";
import {
  type Line,
  type Moved,
  positionOf,
  promote,
  settle,
  slotCount,
  waitingCount,
  without,
  withPlaces,
} from "./line.ts";
import { heard, isSlot, type Place } from "./place.ts";

/** More than any deployment has live. Beyond it nobody new joins the line; whoever asks is told to wait. */
export const MAX_PLACES = 10_000;

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
  // One whose slot lapsed, or was given back for a while, has nothing running: it waits, at its old place.
  const wanted: Place =
    known === undefined
      ? newPlace(settled.line, executionId, "waiting", now)
      : { ...known, ...(known.lapsed || known.kind === "watched" ? { kind: "waiting", since: now } : {}) };
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

/**
 * Gives a slot or a place back; of an execution that has neither, nothing.
 * @param nextDeadlineAt when one that has work left acts next: it goes on being watched; null where nothing is left
 */
export function release(
  before: Line,
  executionId: string,
  { nextDeadlineAt, now }: { readonly nextDeadlineAt: number | null; readonly now: number },
): Moved {
  const known = before.places.get(executionId);
  if (known === undefined) return settle(before, now);
  if (nextDeadlineAt === null) return settle(without(before, executionId), now);
  const watched: Place = known.kind === "watched" ? known : { ...known, kind: "watched", since: now };
  return settle(touch(before, heard(watched, nextDeadlineAt, now)), now);
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

function waitingAt(line: Line, position: number): SlotAnswer {
  return { kind: "waiting", position, live: slotCount(line), max: line.max };
}
