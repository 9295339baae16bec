import type { LogLevel, LogLine } from "../ports.ts";
import { type Line, positionOf, slotCount } from "./line.ts";
import { isGivenUp, isSlot, isWaiting, type Place } from "./place.ts";

/** What changed hands between two states of the line; a renewal is no news. */
export function logLines(before: Line, after: Line, now: number): readonly LogLine[] {
  if (before.places === after.places) return [];
  const ids = new Set([...before.places.keys(), ...after.places.keys()]);
  return [...ids].flatMap((executionId) => {
    const [old, place] = [before.places.get(executionId), after.places.get(executionId)];
    return old === place ? [] : lineOf({ executionId, old, place }, after, now);
  });
}

type Change = {
  readonly executionId: string;
  readonly old: Place | undefined;
  readonly place: Place | undefined;
};

function lineOf({ executionId, old, place }: Change, after: Line, now: number): readonly LogLine[] {
  const one = (level: LogLevel, event: string, fields: Readonly<Record<string, unknown>> = {}): LogLine => ({
    level,
    event,
    about: { executionId },
    fields: { ...fields, live: slotCount(after), max: after.max },
  });
  const heldMs = old === undefined ? 0 : now - old.since;
  if (place === undefined) {
    if (old !== undefined && isGivenUp(old, now)) return [one("error", "slot.given-up", { heldMs })];
    if (old?.kind === "slot") return [one("info", "slot.released", { heldMs })];
    return [one("info", "place.released", { heldMs })];
  }
  if (place.lapsed) {
    if (old?.lapsed === true) return [];
    if (place.kind === "slot") return [one("warn", "slot.lapsed", { heldMs })];
    return [one("warn", "waiting.lapsed", { heldMs })];
  }
  if (place.kind === "watched") {
    if (old?.kind === "watched") return [];
    return [one("info", old?.kind === "slot" ? "slot.released" : "place.released", { heldMs })];
  }
  if (isSlot(place)) {
    if (old !== undefined && isSlot(old)) return [];
    if (old?.lapsed === true && old.kind === "slot") return [one("warn", "slot.held-again")];
    return [
      one("info", "slot.granted", { waitedMs: old !== undefined && isWaiting(old) ? now - old.since : 0 }),
    ];
  }
  if (old !== undefined && isWaiting(old)) return [];
  return [one("info", "place.joined", { position: positionOf(after, place) })];
}
