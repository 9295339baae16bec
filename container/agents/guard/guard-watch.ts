/** Holds a guard against one agent at work. */

import type { GuardLimits } from "../../../shared/job-body/extras.ts";
import type { GuardBounds } from "../../config.ts";
import type { AgentEvent } from "../agent.ts";
import { watchCheckout } from "./checkout-changes.ts";
import { type ProgressGuard, type ToolCall, freshGuard, guardCall, toGuardRules } from "./progress-guard.ts";
import { toShellUse } from "./shell-command.ts";

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
  readonly begin: (call: Omit<Extract<AgentEvent, { kind: "tool-start" }>, "kind">) => void;
  readonly take: (call: ToolCall & { readonly callId: string }) => void;
  /** Aborted at the trip. */
  readonly tripped: AbortSignal;
  readonly reason: () => string | null;
  /** The agent has ended: nothing trips any more. */
  readonly close: () => void;
};

/** A call that began and never ends is forgotten beyond this many: the lines are the agent's. */
const maxOpenCalls = 1_000;

export function watchCalls(guard: ProgressGuard | null): GuardWatch {
  const controller = new AbortController();
  let state = freshGuard;
  let reason: string | null = null;
  let isOpen = guard !== null;
  let isAsking = false;
  /** Calls of a shell that only look around, by what they look with. */
  const looks = new Map<string, string>();

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
    begin: ({ tool, callId, args }) => {
      if (guard === null || !isOpen || tool.toLowerCase() !== "bash") return;
      const use = toShellUse(args).tool;
      if (looks.size >= maxOpenCalls) looks.clear();
      if (use !== "bash") looks.set(callId, use);
    },
    take: ({ tool, callId, ok }) => {
      if (guard === null || !isOpen) return;
      const judged = guardCall(state, { tool: looks.get(callId) ?? tool, ok }, guard.rules);
      looks.delete(callId);
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
