/** Which part of the timeline is seen: a pure reducer of zooming and panning over bounds that grow while the job goes on. */

export type Range = { readonly fromMs: number; readonly toMs: number };

export type TimeWindow =
  /** All of it. */
  | { readonly kind: "all" }
  /** The last stretch, moving along with what comes. */
  | { readonly kind: "last"; readonly spanMs: number }
  | ({ readonly kind: "held" } & Range);

export type TimeMove =
  | { readonly kind: "all" }
  /** `factor` above 1 shows more; `at` (0–1) is the place in the window that stays where it is. */
  | { readonly kind: "zoom"; readonly factor: number; readonly at: number }
  /** By this part of the window; negative is earlier. */
  | { readonly kind: "pan"; readonly part: number }
  | { readonly kind: "start" }
  | { readonly kind: "end" }
  /** Makes a stretch seen, with room on both sides. */
  | ({ readonly kind: "show" } & Range);

/** Below this a tick would stand for less than what the clocks of both sides agree on. */
const LEAST_MS = 200;

export function rangeOf(window: TimeWindow, bounds: Range): Range {
  switch (window.kind) {
    case "all":
      return bounds;
    case "last":
      return { fromMs: bounds.toMs - window.spanMs, toMs: bounds.toMs };
    case "held":
      return { fromMs: window.fromMs, toMs: window.toMs };
  }
}

export function moveTime(window: TimeWindow, move: TimeMove, bounds: Range): TimeWindow {
  const { fromMs, toMs } = rangeOf(window, bounds);
  const spanMs = toMs - fromMs;
  switch (move.kind) {
    case "all":
      return { kind: "all" };
    case "zoom": {
      const next = Math.max(LEAST_MS, spanMs * move.factor);
      // At the newest edge zooming in keeps following what comes.
      const at = window.kind === "held" ? move.at : Math.max(move.at, window.kind === "last" ? 1 : 0);
      const pivotMs = fromMs + spanMs * at;
      return within({ fromMs: pivotMs - next * at, toMs: pivotMs + next * (1 - at) }, bounds);
    }
    case "pan": {
      const byMs = spanMs * move.part;
      return within({ fromMs: fromMs + byMs, toMs: toMs + byMs }, bounds);
    }
    case "start":
      return within({ fromMs: bounds.fromMs, toMs: bounds.fromMs + spanMs }, bounds);
    case "end":
      return within({ fromMs: bounds.toMs - spanMs, toMs: bounds.toMs }, bounds);
    case "show": {
      const marginMs = Math.max(LEAST_MS, (move.toMs - move.fromMs) * 0.5);
      return within({ fromMs: move.fromMs - marginMs, toMs: move.toMs + marginMs }, bounds);
    }
  }
}

/** The same stretch, moved into the bounds; all of them where it is as long. */
function within({ fromMs, toMs }: Range, bounds: Range): TimeWindow {
  const spanMs = toMs - fromMs;
  if (spanMs >= bounds.toMs - bounds.fromMs) return { kind: "all" };
  if (toMs >= bounds.toMs) return { kind: "last", spanMs };
  if (fromMs < bounds.fromMs) return { kind: "held", fromMs: bounds.fromMs, toMs: bounds.fromMs + spanMs };
  return { kind: "held", fromMs, toMs };
}
