/** Lays spans out in lanes in which none overlap, and draws of a lane what a screen can show. */
import type { Range } from "./time-window.ts";

export type Spanning = { readonly fromMs: number; readonly toMs: number };

/**
 * Each span into the first lane that is free, in time linear in their number. Where more overlap than there are lanes, the
 * last lane takes what has no room; it alone may hold spans that overlap.
 *
 * @param spans in the order of their beginnings
 */
export function toLanes<S extends Spanning>(
  spans: readonly S[],
  maxLanes: number,
): readonly (readonly S[])[] {
  const lanes: S[][] = [];
  const ends: number[] = [];
  for (const span of spans) {
    const free = ends.findIndex((endMs) => endMs <= span.fromMs);
    const lane = free === -1 ? Math.min(lanes.length, maxLanes - 1) : free;
    (lanes[lane] ??= []).push(span);
    ends[lane] = Math.max(ends[lane] ?? 0, span.toMs);
  }
  return lanes;
}

export type Bar<S> = {
  readonly x: number;
  readonly width: number;
  /** What it stands for: spans too narrow to be told apart are one bar. The longest stands first. */
  readonly spans: readonly S[];
};

/** Narrower ones cannot be seen, let alone be hit. */
const LEAST_PX = 3;

/** At most a bar for every few pixels, however many spans there are. */
export function barsOf<S extends Spanning>(
  lane: readonly S[],
  { fromMs, toMs }: Range,
  widthPx: number,
): readonly Bar<S>[] {
  const pxPerMs = widthPx / Math.max(1, toMs - fromMs);
  const bars: { x: number; width: number; spans: S[] }[] = [];
  for (const span of lane) {
    if (span.toMs < fromMs || span.fromMs > toMs) continue;
    const end = Math.min(widthPx, (span.toMs - fromMs) * pxPerMs);
    const x = Math.min(widthPx - LEAST_PX, Math.max(0, (span.fromMs - fromMs) * pxPerMs));
    const last = bars.at(-1);
    if (last !== undefined && x < last.x + LEAST_PX) {
      last.width = Math.max(last.width, end - last.x);
      const [longest = span] = last.spans;
      if (span.toMs - span.fromMs > longest.toMs - longest.fromMs) last.spans.unshift(span);
      else last.spans.push(span);
    } else bars.push({ x, width: Math.max(LEAST_PX, end - x), spans: [span] });
  }
  return bars;
}
