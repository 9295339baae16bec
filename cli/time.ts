/** Times and durations as people read and type them. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Two units at most: `850ms`, `3.4s`, `42s`, `2m 05s`, `1h`, `3d 04h`. */
export function toDuration(ms: number): string {
  if (ms < 0) return `-${toDuration(-ms)}`;
  if (ms < SECOND) return `${Math.round(ms)}ms`;
  if (ms < 10 * SECOND) return `${(Math.floor(ms / 100) / 10).toFixed(1)}s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`;
  if (ms < HOUR) return toUnits(ms, [MINUTE, "m"], [SECOND, "s"]);
  if (ms < DAY) return toUnits(ms, [HOUR, "h"], [MINUTE, "m"]);
  return toUnits(ms, [DAY, "d"], [HOUR, "h"]);
}

/** Whole seconds, for what is redrawn every second. */
export function toCountdown(ms: number): string {
  return ms <= 0 ? "now" : toDuration(Math.max(SECOND, Math.floor(ms / SECOND) * SECOND)).replace(".0s", "s");
}

/** How long ago, in whole seconds; what is younger than one is just now. */
export function toAge(ms: number): string {
  return ms < SECOND ? "just now" : `${toCountdown(ms)} ago`;
}

/** ISO 8601 in the zone of whoever reads it: `2099-01-31T13:45:10+01:00`. */
export function toLocalTime(at: number): string {
  return `${toLocalDate(at)}T${toClock(at)}${offsetOf(new Date(at))}`;
}

/** The time of day alone. */
export function toClock(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => pad(part)).join(":");
}

/** `90s`, `30m`, `1h30m`, `2d`, `500ms`, `1.5h`; null where it is none. */
export function parseDuration(text: string): number | null {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) return null;
  let total = 0;
  for (const [, amount = "", unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    total += Number(amount) * (unitMs[unit] ?? Number.NaN);
  }
  return Math.round(total);
}

/** Epoch milliseconds of ISO 8601, of a time of day (the next such), or of milliseconds; null where it is none. */
export function parseTime(text: string, now: number): number | null {
  if (/^\d{12,14}$/.test(text)) return Number(text);
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (clock !== null) {
    const [hours, minutes, seconds] = clock.slice(1).map((part) => Number(part ?? 0));
    const next = new Date(now);
    next.setHours(hours ?? 0, minutes ?? 0, seconds ?? 0, 0);
    if (next.getTime() <= now) next.setDate(next.getDate() + 1);
    return next.getTime();
  }
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return null;
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? null : parsed;
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY };

type Unit = readonly [ms: number, letter: string];

function toUnits(ms: number, [large, letter]: Unit, [small, smallLetter]: Unit): string {
  const rest = Math.floor((ms % large) / small);
  const head = `${Math.floor(ms / large)}${letter}`;
  return rest === 0 ? head : `${head} ${pad(rest)}${smallLetter}`;
}

function toLocalDate(at: number): string {
  const date = new Date(at);
  return [String(date.getFullYear()).padStart(4, "0"), pad(date.getMonth() + 1), pad(date.getDate())].join(
    "-",
  );
}

function offsetOf(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

function pad(part: number): string {
  return String(part).padStart(2, "0");
}
