import * as z from "zod";
import { FollowUp, Progress } from "./job-result.ts";
import { Limits } from "./limits.ts";

/**
 * Every kind of event, who may write it, and whether pruning may drop it. What says why a job ended as it did is kept;
 * what only shows the way there may go, oldest first, behind one counted gap.
 */
export const EventKinds = {
  phase: { by: "harness", prunable: false },
  output: { by: "harness", prunable: true },
  "tool-start": { by: "harness", prunable: true },
  "tool-end": { by: "harness", prunable: true },
  progress: { by: "harness", prunable: true },
  "follow-up": { by: "harness", prunable: false },
  usage: { by: "harness", prunable: true },
  note: { by: "both", prunable: false },
  gap: { by: "both", prunable: false },
  dispatched: { by: "object", prunable: false },
  "instance-started": { by: "object", prunable: false },
  "attempt-started": { by: "object", prunable: false },
  "instance-exited": { by: "object", prunable: false },
  verdict: { by: "object", prunable: false },
  "deadline-extended": { by: "object", prunable: false },
  "cancel-requested": { by: "object", prunable: false },
  released: { by: "object", prunable: false },
  terminal: { by: "object", prunable: false },
  "late-evidence": { by: "object", prunable: false },
  "internal-error": { by: "object", prunable: false },
} as const satisfies Record<
  string,
  { readonly by: "harness" | "object" | "both"; readonly prunable: boolean }
>;

export type EventKind = keyof typeof EventKinds;

const text = z.string().max(Limits.eventTextChars);
const seen = { seq: z.int().min(1), at: z.int() };

/** A fact the harness reports; `seq` is dense from 1 within its attempt, `at` the harness's clock (information only). */
export const HarnessEvent = z
  .discriminatedUnion("kind", [
    z.looseObject({ ...seen, kind: z.literal("phase"), phase: z.string().max(60) }),
    z.looseObject({
      ...seen,
      kind: z.literal("output"),
      stream: z.enum(["agent", "stderr", "harness"]),
      text,
    }),
    z.looseObject({
      ...seen,
      kind: z.literal("tool-start"),
      tool: z.string().max(200),
      callId: z.string().max(200),
      argsSummary: z.string().max(500).optional(),
    }),
    z.looseObject({
      ...seen,
      kind: z.literal("tool-end"),
      tool: z.string().max(200),
      callId: z.string().max(200),
      ok: z.boolean(),
      durationMs: z.int().min(0),
      argsSummary: z.string().max(500).optional(),
    }),
    z.looseObject({ ...seen, kind: z.literal("progress"), progress: Progress }),
    z.looseObject({ ...seen, kind: z.literal("follow-up"), followUp: FollowUp }),
    z.looseObject({
      ...seen,
      kind: z.literal("usage"),
      model: z.string().max(200).optional(),
      inputTokens: z.int().min(0),
      cacheReadTokens: z.int().min(0),
      cacheWriteTokens: z.int().min(0),
      outputTokens: z.int().min(0),
    }),
    z.looseObject({ ...seen, kind: z.literal("note"), code: z.string().max(60), text }),
    z.looseObject({
      ...seen,
      kind: z.literal("gap"),
      /** How many events are missing; null where nobody can know. */
      count: z.int().min(1).nullable(),
      reason: z.string().max(200),
    }),
  ])
  .meta({ id: "HarnessEvent", description: "A fact the harness reports in a beat." });
export type HarnessEvent = z.infer<typeof HarnessEvent>;

/** One line of an execution's log as it is served: the envelope, and the kind's own fields beside it. */
export const ExecutionEvent = z
  .looseObject({
    cursor: z.int().min(1),
    /** The object's clock when it stored the event. */
    at: z.int(),
    kind: z.string(),
    jobId: z.string().nullable(),
    round: z.int().nullable().optional(),
    attempt: z.int().nullable(),
    instance: z.string().nullable(),
  })
  .meta({ id: "ExecutionEvent", description: "One line of an execution's event log." });
export type ExecutionEvent = z.infer<typeof ExecutionEvent>;

/** Cursors that pruning dropped: their lines were stored once and are counted here. */
export const PrunedGap = z
  .object({ from: z.int().min(1), to: z.int().min(1), count: z.int().min(1) })
  .meta({ id: "PrunedGap", description: "A run of cursors whose lines pruning dropped." });
export type PrunedGap = z.infer<typeof PrunedGap>;

export const EventsPage = z
  .object({
    executionId: z.string(),
    events: z.array(ExecutionEvent),
    /** The cursor to ask after next. */
    next: z.int().min(0),
    newest: z.int().min(0),
    /** What is missing after the cursor asked for and between the events. */
    gaps: z.array(PrunedGap),
  })
  .meta({ id: "EventsPage", description: "A page of the event log." });
export type EventsPage = z.infer<typeof EventsPage>;

/** What stands at one place of the log: a line, or the count of those that are gone. */
export type LogEntry =
  | { readonly kind: "event"; readonly event: ExecutionEvent }
  | { readonly kind: "gap"; readonly gap: PrunedGap };

/** A page as one list in the order of cursors. */
export function entriesOf({ events, gaps }: Pick<EventsPage, "events" | "gaps">): readonly LogEntry[] {
  const lines = events.map((event) => ({ at: event.cursor, entry: { kind: "event", event } as const }));
  const missing = gaps.map((gap) => ({ at: gap.from, entry: { kind: "gap", gap } as const }));
  return [...lines, ...missing].toSorted((a, b) => a.at - b.at).map(({ entry }) => entry);
}
