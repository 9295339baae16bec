/** Brings what a flow reports within the limits of the wire. Redaction comes before any cut that is shown. */

import type { FollowUp, JobResult, Progress, Terminal } from "../../shared/job-result.ts";
import { Limits } from "../../shared/limits.ts";
import { cut } from "../beats/terminal.ts";
import type { Usage } from "../job-context.ts";
import { redactHead } from "../redact-head.ts";

type Redact = (text: string) => string;

/** A short word, a phase, a tool, an id or a title: cut without a mark, never inside a character. */
export function fitWord(word: string, maxChars: number, redact: Redact): string {
  const { text } = redactHead(word, maxChars, redact);
  const isPairCut = text.length > maxChars && /[\ud800-\udbff]/.test(text.charAt(maxChars - 1));
  return text.slice(0, isPairCut ? maxChars - 1 : maxChars);
}

/** The text of an event, at most 16 KiB of characters and, written as JSON, within the bytes of an event. */
export function fitText(text: string, redact: Redact): string {
  return cutToBytes(text, Limits.eventTextChars, redact);
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
    title: fitWord(title, 300, redact),
    detail: cutToBytes(detail, 16_384, redact),
    ...(suggestedAction !== undefined && { suggestedAction: cutHead(suggestedAction, 4_000, redact) }),
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

/** Known values leave a result leaf by leaf and key by key, so that it stays valid JSON; prose keeps its look. */
export function redactResult(result: JobResult, redactKnown: Redact): JobResult {
  const redacted: JobResult = {};
  for (const [key, value] of Object.entries(result)) redacted[key] = redactLeaves(value, redactKnown, 0);
  return redacted;
}

export function redactTerminal(terminal: Terminal, redact: Redact, redactKnown: Redact): Terminal {
  const result = terminal.result && {
    ...redactResult(terminal.result, redactKnown),
    // no answer of anybody's: a sentence for people, with last words of programs in it
    ...(terminal.result.error !== undefined && {
      error: cutHead(terminal.result.error, Limits.eventTextChars, redact),
    }),
  };
  if (terminal.state === "done") return { state: "done", result: result ?? {} };
  return {
    ...terminal,
    error: cutHead(terminal.error, Limits.eventTextChars, redact),
    ...(terminal.detail !== undefined && {
      detail: cutHead(terminal.detail, Limits.eventTextChars, redact),
    }),
    ...(result !== undefined && { result }),
  };
}

/** Deeper than any body that is read; a result is made by a flow and never from a stranger's JSON without bounds. */
const MAX_DEPTH = 64;

function redactLeaves(value: unknown, redactKnown: Redact, depth: number): unknown {
  if (typeof value === "string") return cutHead(value, Limits.resultBytes, redactKnown);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => redactLeaves(item, redactKnown, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      cutHead(key, Limits.resultBytes, redactKnown),
      redactLeaves(item, redactKnown, depth + 1),
    ]),
  );
}

/** A quarter of a beat: a list of 200 long labels in a wide script would leave no room for events. */
const PROGRESS_BYTES = Limits.beatBytes / 4;

function fitItems(items: NonNullable<Progress["items"]>, redact: Redact): NonNullable<Progress["items"]> {
  const fitted: NonNullable<Progress["items"]> = [];
  let bytes = 0;
  let readChars = 0;
  for (const { label, status } of items.slice(0, 200)) {
    const item = { label: cutHead(label, 300, redact), status: fitWord(status, 40, redact) };
    bytes += bytesOf(item);
    readChars += label.length + status.length;
    if (bytes > PROGRESS_BYTES || readChars > Limits.beatBytes) break;
    fitted.push(item);
  }
  return fitted;
}

/** Room for the fields beside the text. */
const ENVELOPE_BYTES = 6 * 1024;

function cutToBytes(whole: string, maxChars: number, redact: Redact): string {
  const { text, totalChars } = redactHead(whole, maxChars, redact);
  let chars = maxChars;
  let fitted = cut(text, chars, totalChars);
  while (bytesOf(fitted) > Limits.eventBytes - ENVELOPE_BYTES) {
    chars = Math.floor(chars * 0.7);
    fitted = cut(text, chars, totalChars);
  }
  return fitted;
}

function cutHead(whole: string, maxChars: number, redact: Redact): string {
  const { text, totalChars } = redactHead(whole, maxChars, redact);
  return cut(text, maxChars, totalChars);
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function toCount(value: number): number {
  return Number.isFinite(value) && value > 0 ? Math.min(Math.round(value), Number.MAX_SAFE_INTEGER) : 0;
}
