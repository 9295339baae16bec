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

/** What the last wish to move a deadline came to. */
export type Extended =
  /** `latest`: the last moment that would not have been refused, where the server names one. */
  | {
      readonly kind: "refused";
      readonly deadline: ExtendableName;
      readonly error: string;
      readonly latest: number | null;
    }
  /** `revision`: of the job when it was asked for. */
  | {
      readonly kind: "moved";
      readonly deadline: ExtendableName;
      readonly at: number;
      readonly revision: number;
    };

/** What of it concerns a deadline that is shown: a refusal of this one, or a move that the job does not show itself yet. */
export function concerning(
  extended: Extended | null,
  shown: { readonly name: string | undefined; readonly revision: number },
): Extended | null {
  if (extended === null || extended.deadline !== shown.name) return null;
  return extended.kind === "refused" || extended.revision === shown.revision ? extended : null;
}
