/** Moving a deadline: what people may choose, and until when that is. Pure. */

import type { ExtendableDeadline } from "../../../shared/dispatch.ts";

export type ExtendableName = ExtendableDeadline;
export const ExtendableNames = [
  "inactivity",
  "tool-silence",
  "max-duration",
  "preview",
] as const satisfies readonly ExtendableName[];

const MINUTE = 60_000;

export const extensions = [
  { label: "15 minutes", byMs: 15 * MINUTE },
  { label: "1 hour", byMs: 60 * MINUTE },
  { label: "4 hours", byMs: 240 * MINUTE },
] as const;

/** From where it stands, or from now on where that is over; by the server's clock, as both arguments. */
export function extendedUntil(at: number, now: number, byMs: number): number {
  return Math.max(at, now) + byMs;
}
