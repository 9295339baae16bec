/** Brings what a flow reports within the limits of the wire. Redaction comes before any cut: half a secret has no shape. */

import type { FollowUp, JobResult, Progress, Terminal } from "../../shared/job-result.ts";
import { Limits } from "../../shared/limits.ts";
import { cut } from "../beats/terminal.ts";
import type { Usage } from "../job-context.ts";

type Redact = (text: string) => string;

/** A short word: a phase, a tool, an id. */
export function fitWord(word: string, maxChars: number, redact: Redact): string {
  return redact(word).toWellFormed().slice(0, maxChars);
}

/** The text of an event, at most 16 KiB of characters and, written as JSON, within the bytes of an event. */
export function fitText(text: string, redact: Redact): string {
  return cutToBytes(redact(text).toWellFormed(), Limits.eventTextChars);
}

export function fitProgress(progress: Progress, redact: Redact): Progress {
  const { completed, inProgress, total, items } = progress;
  const counts = { completed: toCount(completed), inProgress: toCount(inProgress), total: toCount(total) };
  if (items === undefined) return counts;
  return { ...counts, items: fitItems(items, redact) };
}

export function fitFollowUp(followUp: FollowUp, redact: Redact): FollowUp {
  const { kind, title, detail, suggestedAction } = followUp;
  return {
    kind,
    title: cut(redact(title).toWellFormed(), 300),
    detail: cutToBytes(redact(detail).toWellFormed(), 16_384),
    ...(suggestedAction !== undefined && {
      suggestedAction: cut(redact(suggestedAction).toWellFormed(), 4_000),
    }),
  };
}

export function fitUsage(usage: Usage, redact: Redact): Usage {
  return {
    ...(usage.model !== undefined && { model: fitWord(usage.model, 200, redact) }),
    inputTokens: toCount(usage.inputTokens),
    cacheReadTokens: toCount(usage.cacheReadTokens),
    cacheWriteTokens: toCount(usage.cacheWriteTokens),
    outputTokens: toCount(usage.outputTokens),
  };
}

/** Known values leave a result leaf by leaf, so that it stays valid JSON of the same shape; prose keeps its look. */
export function redactResult(result: JobResult, redactKnown: Redact): JobResult {
  const redacted: JobResult = {};
  for (const [key, value] of Object.entries(result)) redacted[key] = redactLeaves(value, redactKnown, 0);
  return redacted;
}

export function redactTerminal(terminal: Terminal, redact: Redact, redactKnown: Redact): Terminal {
  const result = terminal.result && redactResult(terminal.result, redactKnown);
  if (terminal.state === "done") return { state: "done", result: result ?? {} };
  return {
    ...terminal,
    error: cut(redact(terminal.error), Limits.eventTextChars),
    ...(terminal.detail !== undefined && { detail: cut(redact(terminal.detail), Limits.eventTextChars) }),
    ...(result !== undefined && { result }),
  };
}

/** Deeper than any body that is read; a result is made by a flow and never from a stranger's JSON without bounds. */
const MAX_DEPTH = 64;

function redactLeaves(value: unknown, redactKnown: Redact, depth: number): unknown {
  if (typeof value === "string") return redactKnown(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => redactLeaves(item, redactKnown, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, redactLeaves(item, redactKnown, depth + 1)]),
  );
}

/** A quarter of a beat: a list of 200 long labels in a wide script would leave no room for events. */
const PROGRESS_BYTES = Limits.beatBytes / 4;

function fitItems(items: NonNullable<Progress["items"]>, redact: Redact): NonNullable<Progress["items"]> {
  const fitted: NonNullable<Progress["items"]> = [];
  let bytes = 0;
  for (const { label, status } of items.slice(0, 200)) {
    const item = { label: cut(redact(label).toWellFormed(), 300), status: fitWord(status, 40, redact) };
    bytes += bytesOf(item);
    if (bytes > PROGRESS_BYTES) break;
    fitted.push(item);
  }
  return fitted;
}

/** Room for the fields beside the text. */
const ENVELOPE_BYTES = 6 * 1024;

function cutToBytes(text: string, maxChars: number): string {
  let chars = maxChars;
  let fitted = cut(text, chars);
  while (bytesOf(fitted) > Limits.eventBytes - ENVELOPE_BYTES) {
    chars = Math.floor(chars * 0.7);
    fitted = cut(text, chars);
  }
  return fitted;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function toCount(value: number): number {
  return Number.isFinite(value) && value > 0 ? Math.round(value) : 0;
}
