import type { JobResult } from "../../../shared/job-result.ts";
import type { JobView } from "../../../shared/job-view.ts";

/** Bytes of a value as JSON; 0 for nothing. */
export function jsonBytes(value: unknown): number {
  return value === undefined ? 0 : encoder.encode(JSON.stringify(value)).byteLength;
}

/**
 * A view of at most `maxBytes` of JSON, since clients refuse larger answers as a whole. What only shows the way goes
 * first: logTail, spans, progress.items, detail. A result that still does not fit loses its longest field, and says so in
 * `result.error`, again until it fits. Last go the object's own lists, which the event log has in full.
 */
export function fitView(view: JobView, maxBytes: number): JobView {
  let fitted = view;
  for (const giveUp of telemetry) {
    if (jsonBytes(fitted) <= maxBytes) return fitted;
    fitted = giveUp(fitted);
  }
  if (fitted.result !== undefined) {
    const room = maxBytes - (jsonBytes(fitted) - jsonBytes(fitted.result));
    fitted = { ...fitted, result: fitResult(fitted.result, room) };
  }
  for (const giveUp of lists) {
    if (jsonBytes(fitted) <= maxBytes) return fitted;
    fitted = giveUp(fitted);
  }
  return fitted;
}

type GiveUp = (view: JobView) => JobView;

const telemetry: readonly GiveUp[] = [
  (view) => without(view, "logTail"),
  (view) => without(view, "spans"),
  (view) => (view.progress === undefined ? view : { ...view, progress: withoutItems(view.progress) }),
  (view) => without(view, "detail"),
];

const lists: readonly GiveUp[] = [
  (view) => (view.outcome === null ? view : { ...view, outcome: { ...view.outcome, evidence: [] } }),
  (view) => (view.stop === undefined ? view : { ...view, stop: { ...view.stop, evidence: [] } }),
  (view) => ({ ...view, notes: [] }),
  (view) => ({ ...view, recoveries: [], gaps: [] }),
  (view) => without(view, "followUps"),
];

function without(view: JobView, key: "logTail" | "spans" | "detail" | "followUps"): JobView {
  const { [key]: _, ...rest } = view;
  return rest;
}

function withoutItems(progress: NonNullable<JobView["progress"]>) {
  const { items: _, ...counts } = progress;
  return counts;
}

/** Longest fields first, each named where it went; what was pushed, and where, goes last. */
function fitResult(result: JobResult, room: number): JobResult {
  const sizes = Object.entries(result)
    .map(([name, value]) => ({
      name,
      bytes: jsonBytes(value),
      ownBytes: jsonBytes(name) + jsonBytes(value) + 2,
    }))
    .filter(({ name, bytes }) => !essential.has(name) || bytes > MARK_BYTES)
    .toSorted((a, b) => Number(essential.has(a.name)) - Number(essential.has(b.name)) || b.bytes - a.bytes);
  let bytes = jsonBytes(result);
  if (bytes <= room) return result;
  const gone: { readonly name: string; readonly bytes: number }[] = [];
  for (const field of sizes) {
    if (bytes + MARK_BYTES <= room) break;
    bytes -= field.ownBytes;
    gone.push(field);
  }
  const names = new Set(gone.map(({ name }) => name));
  const left = Object.fromEntries(Object.entries(result).filter(([name]) => !names.has(name)));
  const [first] = gone;
  const more = gone.length > 1 ? `, and ${gone.length - 1} more` : "";
  const mark = `result-too-large: '${first?.name.slice(0, 80) ?? ""}' has ${first?.bytes ?? 0} bytes${more}; read it with ?result=full`;
  const before = typeof left["error"] === "string" ? `${left["error"]} · ` : "";
  return { ...left, error: `${before}${mark}` };
}

const essential: ReadonlySet<string> = new Set(["pushed", "branch", "prUrl", "error", "failureCause"]);

/** More than the mark takes. */
const MARK_BYTES = 400;

const encoder = new TextEncoder();
