/** Which part of a long list is in the page: never more than a window, which moves by less than its own length. */
import type { LogEntry } from "../../../../shared/events.ts";
import { firstCursor } from "./kept-log.ts";

/**
 * The cursor from which on entries are shown. Their place in the list is none to hold: the middle of a long log becomes a gap
 * while one reads what stands behind it.
 */
export type LogWindow = number;

/** The newest entries, whatever comes. */
export const NEWEST: LogWindow = Infinity;

/** Entries in the page at once; what stays when it moves gives the eye a hold. */
export const WINDOW_ENTRIES = 200;
const STEP_ENTRIES = 150;

/** By how many entries. `hold`: what is seen stays, whatever comes. */
const moves = { first: -Infinity, earlier: -STEP_ENTRIES, hold: 0, later: STEP_ENTRIES, newest: Infinity };
export type WindowMove = keyof typeof moves;

export type Slice = {
  readonly from: number;
  /** One past the last. */
  readonly to: number;
};

export function sliceOf(window: LogWindow, entries: readonly LogEntry[]): Slice {
  const held = entries.findLastIndex((entry) => firstCursor(entry) < window) + 1;
  const from = Math.min(held, lastFrom(entries));
  return { from, to: Math.min(entries.length, from + WINDOW_ENTRIES) };
}

export function moveWindow(window: LogWindow, move: WindowMove, entries: readonly LogEntry[]): LogWindow {
  const from = sliceOf(window, entries).from + moves[move];
  if (move !== "hold" && from >= lastFrom(entries)) return NEWEST;
  const first = entries[from];
  return first === undefined ? 0 : firstCursor(first);
}

function lastFrom({ length }: readonly LogEntry[]): number {
  return Math.max(0, length - WINDOW_ENTRIES);
}
