/** Holds a guard against one agent at work. */

import type { GuardLimits } from "../../shared/job-body/extras.ts";
import type { GuardBounds } from "../config.ts";
import { watchCheckout } from "./checkout-changes.ts";
import { type ProgressGuard, type ToolCall, freshGuard, guardCall, toGuardRules } from "./progress-guard.ts";

export type GuardOptions = {
  readonly bounds: GuardBounds;
  /** The job's own limits. */
  readonly own: GuardLimits | undefined;
  /** False where the agent is to look and tell. */
  readonly expectsEdits: boolean;
  readonly checkout: string;
  /** A path of the harness's own that is free. */
  readonly marker: string;
};

/** The guard of an agent that is about to start: from this moment on changes of the checkout are its edits. */
export async function makeGuard(options: GuardOptions): Promise<ProgressGuard> {
  const { bounds, own, expectsEdits, checkout, marker } = options;
  const rules = toGuardRules(bounds, own, expectsEdits);
  if (!expectsEdits) return { rules, hasEdits: () => Promise.resolve(false) };
  const watch = await watchCheckout(checkout, marker);
  return { rules, hasEdits: watch.hasChanged };
}

/** Feeds a guard the finished calls of one agent, and says when it has had enough. */
export type GuardWatch = {
  readonly take: (call: ToolCall) => void;
  /** Aborted at the trip. */
  readonly tripped: AbortSignal;
  readonly reason: () => string | null;
  /** The agent has ended: nothing trips any more. */
  readonly close: () => void;
};

export function watchCalls(guard: ProgressGuard | null): GuardWatch {
  const controller = new AbortController();
  let state = freshGuard;
  let reason: string | null = null;
  let isOpen = guard !== null;
  let isAsking = false;

  const trip = (text: string): void => {
    if (!isOpen) return;
    isOpen = false;
    reason = text;
    controller.abort();
  };

  const askForEdits = async ({ hasEdits }: ProgressGuard, text: string): Promise<void> => {
    isAsking = true;
    // a checkout that cannot be read proves nothing against the agent
    const isChanged = await hasEdits().catch(() => true);
    isAsking = false;
    if (isChanged || state.hasEdited) state = { ...state, hasEdited: true };
    else trip(text);
  };

  return {
    take: (call) => {
      if (guard === null || !isOpen) return;
      const judged = guardCall(state, call, guard.rules);
      state = judged.state;
      if (judged.trip === null) return;
      if (judged.trip.kind !== "no-edits") trip(judged.trip.text);
      else if (!isAsking) void askForEdits(guard, judged.trip.text);
    },
    tripped: controller.signal,
    reason: () => reason,
    close: () => (isOpen = false),
  };
}
