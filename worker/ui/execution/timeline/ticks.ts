/** Where the lines of the time axis stand. */
import type { Range } from "./time-window.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const steps: readonly number[] = [
  50,
  100,
  200,
  500,
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12, 24, 48, 96, 240, 720].map((count) => count * HOUR),
];

/** Room for a label and the gap to the next. */
const LEAST_PX = 88;

/** Round times since an origin, as far apart as their labels need. */
export function ticksOf({ fromMs, toMs }: Range, originMs: number, widthPx: number): readonly number[] {
  const spanMs = toMs - fromMs;
  if (spanMs <= 0 || widthPx <= 0) return [];
  const leastMs = (spanMs * LEAST_PX) / widthPx;
  const stepMs = steps.find((step) => step >= leastMs) ?? leastMs;
  const first = Math.ceil((fromMs - originMs) / stepMs) * stepMs + originMs;
  const count = Math.floor((toMs - first) / stepMs) + 1;
  return Array.from({ length: Math.max(0, count) }, (_each, index) => first + index * stepMs);
}
