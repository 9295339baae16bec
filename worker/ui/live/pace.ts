/** When the page asks next. Pure. */

import type { CallFailure } from "../../../shared/client/call-failure.ts";

/** While something of it lives; a little more than this, so that tabs opened together drift apart. */
export const ACTIVE_MS = 2_000;
export const IDLE_MS = 15_000;
export const MAX_BACKOFF_MS = 60_000;

export type PaceInput = {
  /** Calls in a row that brought no answer; 0 after an answer. */
  readonly failures: number;
  /** Whether the last one was answered with a refusal: the server is there, and will hardly think otherwise soon. */
  readonly isRefused: boolean;
  /** Whether anything of what is shown may still change by itself. */
  readonly isLive: boolean;
  /** What the answer itself asks to wait; null where it says nothing. */
  readonly nextMs: number | null;
  /** What a refusal asks to wait. */
  readonly retryAfterMs: number | null;
  /** 0 to 1. */
  readonly random: number;
};

/** Milliseconds to wait. Never less than what was asked for. */
export function pauseOf({ failures, isRefused, isLive, nextMs, retryAfterMs, random }: PaceInput): number {
  if (failures > 0) {
    const backoff = isRefused
      ? IDLE_MS
      : Math.min(MAX_BACKOFF_MS, ACTIVE_MS * 2 ** Math.min(failures - 1, 10));
    return jittered(Math.max(backoff, retryAfterMs ?? 0), random);
  }
  return jittered(Math.max(isLive ? ACTIVE_MS : IDLE_MS, nextMs ?? 0), random);
}

/** Whether the server itself said no. */
export function isRefusal({ status }: Pick<CallFailure, "status">): boolean {
  return status !== null && status >= 400 && status < 500;
}

const JITTER = 0.2;

function jittered(ms: number, random: number): number {
  return Math.round(ms * (1 + JITTER * random));
}
