/** What a job did when, read from its events: attempts, phases, tool calls, and the moments at which something was decided. */
import type { ExecutionEvent, LogEntry } from "../../../../shared/events.ts";
import { textOf } from "../../../../shared/json.ts";
import type { Spanning } from "./lanes.ts";

export type Attempt = Spanning & {
  readonly number: number;
  /** What ended it; null while it goes on. */
  readonly end: "ended" | "lost" | null;
};
export type Phase = Spanning & { readonly name: string; readonly isOpen: boolean };
export type ToolCall = Spanning & {
  readonly tool: string;
  readonly args: string;
  /** `open` while it goes on; `left` where its attempt ended before it. */
  readonly state: "ok" | "failed" | "open" | "left";
  readonly cursor: number;
};
export type Moment = { readonly atMs: number; readonly kind: MomentKind; readonly cursor: number };
export type MomentKind = "lost" | "overran" | "cancel" | "release" | "extended" | "question" | "gap" | "end";

export type Timeline = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly attempts: readonly Attempt[];
  readonly phases: readonly Phase[];
  /** In the order of their beginnings. */
  readonly calls: readonly ToolCall[];
  readonly moments: readonly Moment[];
};

type Draft = {
  fromMs: number;
  endedAtMs: number | null;
  attempts: Attempt[];
  phases: Phase[];
  calls: ToolCall[];
  open: Map<string, ToolCall>;
  moments: Moment[];
  /** When each container began to start. */
  starts: Map<string, number>;
};

export type TimelineOptions = {
  readonly jobId: string;
  readonly round: number;
  /** Where the timeline begins for as long as its first event is not read. */
  readonly acceptedAt: number;
  /** The server's clock; the end of what goes on. */
  readonly now: number;
};

export function timelineOf(entries: readonly LogEntry[], options: TimelineOptions): Timeline {
  const { acceptedAt, now } = options;
  const draft: Draft = {
    fromMs: acceptedAt,
    endedAtMs: null,
    attempts: [],
    phases: [],
    calls: [],
    open: new Map(),
    moments: [],
    starts: new Map(),
  };
  enter(draft, "queued", acceptedAt);
  for (const entry of entries) {
    // Events of the beginning are never pruned: a gap lies where only telemetry was.
    if (entry.kind === "event" && isOf(entry.event, options)) take(draft, entry.event);
  }
  const toMs = Math.max(draft.endedAtMs ?? now, acceptedAt + 1);
  return {
    fromMs: draft.fromMs,
    toMs,
    attempts: draft.attempts.map((attempt) => (attempt.end === null ? { ...attempt, toMs } : attempt)),
    phases: draft.phases
      .map((phase) => (phase.isOpen ? { ...phase, toMs } : phase))
      .filter((phase) => phase.toMs > phase.fromMs),
    calls: [...draft.calls, ...[...draft.open.values()].map((call) => ({ ...call, toMs }))].toSorted(
      (a, b) => a.fromMs - b.fromMs,
    ),
    moments: draft.moments,
  };
}

function isOf({ jobId, round }: ExecutionEvent, of: TimelineOptions): boolean {
  return jobId === null || (jobId === of.jobId && (round ?? of.round) === of.round);
}

function take(draft: Draft, event: ExecutionEvent): void {
  const { at } = event;
  switch (event.kind) {
    case "instance-started":
      if (event.instance !== null) draft.starts.set(event.instance, at - numberOf(event, "coldStartMs"));
      return;
    case "attempt-started":
      beginAttempt(draft, event);
      return;
    case "phase":
      enter(draft, textOf(event, "phase"), numberOf(event, "seenAt", at));
      return;
    case "tool-start":
      draft.open.set(keyOf(event), toCall(event, numberOf(event, "seenAt", at), at, "open"));
      return;
    case "tool-end":
      endCall(draft, event);
      return;
    case "verdict":
      mark(draft, event, "decision" in event ? "lost" : "overran");
      if (event["decision"] === "recover") endAttempt(draft, at, "lost");
      // A verdict on a limit begins a stop.
      if (!("decision" in event)) enter(draft, "stopping", at);
      return;
    case "note":
      if (event["code"] === "recovering") enter(draft, "recovering", at);
      return;
    case "cancel-requested":
      mark(draft, event, "cancel");
      enter(draft, "stopping", at);
      return;
    case "released":
      if (draft.endedAtMs !== null) return;
      mark(draft, event, "release");
      enter(draft, "stopping", at);
      return;
    case "deadline-extended":
      mark(draft, event, "extended");
      return;
    case "follow-up":
      if (textOf(event["followUp"], "kind") === "question") mark(draft, event, "question");
      return;
    case "gap":
      mark(draft, event, "gap");
      return;
    case "terminal":
      endAttempt(draft, at, event["status"] === "evicted" ? "lost" : "ended");
      closePhase(draft, at);
      mark(draft, event, "end");
      draft.endedAtMs = at;
  }
}

function beginAttempt(draft: Draft, event: ExecutionEvent): void {
  const { at, attempt, instance } = event;
  const startedAt = instance === null ? undefined : draft.starts.get(instance);
  const waiting = draft.phases.at(-1);
  // From when its container began to start it no longer waited for one.
  if (startedAt !== undefined && waiting?.isOpen === true && startedAt > waiting.fromMs) {
    enter(draft, "starting", startedAt);
  }
  draft.attempts.push({ number: attempt ?? 0, fromMs: at, toMs: at, end: null });
}

function endAttempt(draft: Draft, atMs: number, end: "ended" | "lost"): void {
  const last = draft.attempts.at(-1);
  if (last?.end === null) draft.attempts[draft.attempts.length - 1] = { ...last, toMs: atMs, end };
  for (const call of draft.open.values()) draft.calls.push({ ...call, toMs: atMs, state: "left" });
  draft.open.clear();
}

function enter(draft: Draft, name: string, atMs: number): void {
  if (draft.endedAtMs !== null) return;
  const last = draft.phases.at(-1);
  const fromMs = Math.max(atMs, last?.fromMs ?? 0);
  closePhase(draft, fromMs);
  draft.phases.push({ name, fromMs, toMs: fromMs, isOpen: true });
}

function closePhase(draft: Draft, atMs: number): void {
  const last = draft.phases.at(-1);
  if (last?.isOpen === true) draft.phases[draft.phases.length - 1] = { ...last, toMs: atMs, isOpen: false };
}

function endCall(draft: Draft, event: ExecutionEvent): void {
  draft.open.delete(keyOf(event));
  const endedAt = numberOf(event, "endedAt", event.at);
  const startedAt = numberOf(event, "startedAt", endedAt - numberOf(event, "durationMs"));
  draft.calls.push(toCall(event, startedAt, endedAt, event["ok"] === true ? "ok" : "failed"));
}

function toCall(event: ExecutionEvent, fromMs: number, toMs: number, state: ToolCall["state"]): ToolCall {
  const { cursor } = event;
  return {
    tool: textOf(event, "tool"),
    args: textOf(event, "argsSummary"),
    fromMs,
    toMs: Math.max(fromMs, toMs),
    state,
    cursor,
  };
}

function mark(draft: Draft, { at, cursor }: ExecutionEvent, kind: MomentKind): void {
  draft.moments.push({ atMs: at, kind, cursor });
}

function keyOf(event: ExecutionEvent): string {
  return `${event.attempt ?? 0} ${textOf(event, "callId")}`;
}

function numberOf(event: ExecutionEvent, name: string, otherwise = 0): number {
  const value = event[name];
  return typeof value === "number" ? value : otherwise;
}
