/** What stops a job, in words that fit on a card. Pure. */

import type { DeadlineName, DeadlineView } from "../../../shared/job-view.ts";
import { ExtendableNames, type ExtendableName } from "./extension.ts";

export type Deadline = Omit<DeadlineView, "remainingMs">;

/** What stands before the countdown and behind it. */
export type StopText = { readonly before: string; readonly unless: string };

export function stopText({ name, why }: Deadline): StopText {
  return texts[name] ?? { before: "Stops in", unless: why };
}

const texts: Readonly<Partial<Record<DeadlineName, StopText>>> = {
  queued: { before: "Fails in", unless: "unless a container is free" },
  starting: { before: "Start fails in", unless: "unless the harness takes the job" },
  step: { before: "Stops in", unless: "unless this step is finished" },
  inactivity: { before: "Stops in", unless: "unless the agent prints something" },
  "tool-silence": { before: "Stops in", unless: "unless a tool call is finished" },
  "max-duration": { before: "Stops in", unless: "its longest time is over then" },
  "stop-grace": { before: "Killed in", unless: "unless it ends by itself" },
  preview: { before: "Preview ends in", unless: "its container ends with it" },
};

export type Urgency = "calm" | "soon" | "due";

/** Five minutes before a stop the job needs attention, as the object has it. */
export function urgencyOf({ at }: Pick<Deadline, "at">, now: number): Urgency {
  if (at <= now) return "due";
  return at - now < SOON_MS ? "soon" : "calm";
}

const SOON_MS = 5 * 60_000;

export function extendableOf({ name, extendable }: Deadline): ExtendableName | null {
  return extendable ? (ExtendableNames.find((each) => each === name) ?? null) : null;
}
