import * as z from "zod";
import { type Fields, type Intake, drop, flag, isFields, optionalString, own } from "./intake.ts";
import { anyText } from "./text.ts";

/** A file laid beside the checkout for the agent to read; `path` is a plain file name. */
export const ContextFile = z.object({
  path: z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/),
  content: anyText,
  title: anyText,
  url: anyText,
});
export type ContextFile = z.infer<typeof ContextFile>;

const guardLimit = z.int().min(1);

/** Bounds of the progress guard; they loosen its defaults and never tighten them. */
export const GuardLimits = z.object({
  maxToolCallsWithoutEdit: guardLimit.optional(),
  maxConsecutiveErrors: guardLimit.optional(),
  maxConsecutiveWebCalls: guardLimit.optional(),
});
export type GuardLimits = z.infer<typeof GuardLimits>;

export const ExtraFields = z.object({
  contextFiles: z.array(ContextFile),
  /** Stands for the generic web guidance when web search is on; may be empty. */
  webToolsGuidance: anyText.optional(),
  webSearch: z.boolean(),
  /** What the agent leaves to a person is read while it works. */
  streamFollowUps: z.boolean(),
  guardLimits: GuardLimits.optional(),
});
export type ExtraFields = z.infer<typeof ExtraFields>;

export function parseExtras(intake: Intake, body: Fields): ExtraFields {
  const contextFiles = parseContextFiles(intake, own(body, "contextFiles"));
  const webToolsGuidance = optionalString(intake, body, "webToolsGuidance");
  const guardLimits = parseGuardLimits(intake, own(body, "guardLimits"));
  return {
    contextFiles,
    ...(webToolsGuidance !== undefined && { webToolsGuidance }),
    webSearch: flag(intake, body, "webSearch"),
    streamFollowUps: flag(intake, body, "streamFollowUps"),
    ...(guardLimits !== undefined && { guardLimits }),
  };
}

function parseContextFiles(intake: Intake, value: unknown): ContextFile[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return drop(intake, "contextFiles", "an array") ?? [];
  const files = new Map<string, ContextFile>();
  const dropped: number[] = [];
  for (const [index, entry] of value.entries()) {
    const file = toContextFile(entry);
    if (file === null || files.has(file.path)) dropped.push(index);
    else files.set(file.path, file);
  }
  if (dropped.length > 0) {
    const shown = dropped.slice(0, 5).join(", ") + (dropped.length > 5 ? ", …" : "");
    intake.warn(
      `'contextFiles' lost ${dropped.length} of ${value.length} entries (${shown}): each must be an object with a unique file name as 'path' and a string as 'content'.`,
    );
  }
  return [...files.values()];
}

function toContextFile(entry: unknown): ContextFile | null {
  if (!isFields(entry)) return null;
  const [path, content, title, url] = ["path", "content", "title", "url"].map((key) => own(entry, key));
  if (typeof path !== "string" || typeof content !== "string") return null;
  const basename = path.replaceAll("\\", "/").split("/").at(-1) ?? "";
  const safe = basename.replaceAll(/[^A-Za-z0-9._-]/g, "");
  if (safe === "" || safe.startsWith(".")) return null;
  return {
    path: safe,
    content,
    title: typeof title === "string" ? title : safe,
    url: typeof url === "string" ? url : "",
  };
}

function parseGuardLimits(intake: Intake, value: unknown): GuardLimits | undefined {
  if (value === undefined) return undefined;
  if (!isFields(value)) return drop(intake, "guardLimits", "an object");
  const limits: GuardLimits = {};
  for (const key of ["maxToolCallsWithoutEdit", "maxConsecutiveErrors", "maxConsecutiveWebCalls"] as const) {
    const limit = parseGuardLimit(intake, own(value, key), `guardLimits.${key}`);
    if (limit !== undefined) limits[key] = limit;
  }
  return Object.keys(limits).length === 0 ? undefined : limits;
}

function parseGuardLimit(intake: Intake, value: unknown, path: string): number | undefined {
  if (value === undefined) return undefined;
  const isUsable = typeof value === "number" && Number.isFinite(value) && value >= 1;
  return isUsable
    ? Math.min(Math.floor(value), Number.MAX_SAFE_INTEGER)
    : drop(intake, path, "a positive number");
}
