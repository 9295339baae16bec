import type { JobResult } from "../../shared/job-result.ts";
import type { JobView } from "../../shared/job-view.ts";

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
  while (jsonBytes(fitted) > maxBytes) {
    const result = fitted.result === undefined ? null : withoutLongestField(fitted.result);
    if (result === null) break;
    fitted = { ...fitted, result };
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

/** Null where nothing but short fields is left. `error` itself is cut only as the longest, and says what it was. */
function withoutLongestField(result: JobResult): JobResult | null {
  const sizes = Object.entries(result).map(([name, value]) => ({ name, bytes: jsonBytes(value) }));
  const longest = sizes.reduce((a, b) => (b.bytes > a.bytes ? b : a), { name: "", bytes: 0 });
  if (longest.bytes <= MARK_BYTES) return null;
  const left = Object.fromEntries(Object.entries(result).filter(([name]) => name !== longest.name));
  const mark = `result-too-large: '${longest.name.slice(0, 80)}' has ${longest.bytes} bytes; read it with ?result=full`;
  const before = typeof left["error"] === "string" ? `${left["error"]} · ` : "";
  return { ...left, error: `${before}${mark}` };
}

/** More than a mark takes, so that each round makes the result shorter. */
const MARK_BYTES = 400;

const encoder = new TextEncoder();

function jsonBytes(value: unknown): number {
  return value === undefined ? 0 : encoder.encode(JSON.stringify(value)).byteLength;
}
