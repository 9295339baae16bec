/** Numbers, times and texts as people read them. Pure. */

import { toPlainLine } from "../../shared/plain-text.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `4 s`, `12:05`, `1:02:05`, `3 d 4 h`: of a countdown, whose width is to change seldom. */
export function toCountdown(ms: number): string {
  const left = Math.max(0, Math.ceil(ms / SECOND) * SECOND);
  if (left >= DAY) return `${Math.floor(left / DAY)} d ${Math.floor((left % DAY) / HOUR)} h`;
  const [hours, minutes, seconds] = [left / HOUR, (left % HOUR) / MINUTE, (left % MINUTE) / SECOND].map(
    Math.floor,
  );
  return hours === 0
    ? `${minutes}:${twoDigits(seconds)}`
    : `${hours}:${twoDigits(minutes)}:${twoDigits(seconds)}`;
}

/** How long something took or goes on: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 4 min`, `3 d 4 h`. */
export function toDuration(ms: number): string {
  const all = Math.max(0, ms);
  if (all < 10 * SECOND) return `${Math.floor(all / 100) / 10} s`;
  if (all < MINUTE) return `${Math.floor(all / SECOND)} s`;
  if (all < HOUR) return twoParts(all, [MINUTE, "min"], [SECOND, "s"]);
  if (all < DAY) return twoParts(all, [HOUR, "h"], [MINUTE, "min"]);
  return twoParts(all, [DAY, "d"], [HOUR, "h"]);
}

/** How old something is, in one part: `now`, `14 s`, `3 min`, `2 h`, `5 d`. */
export function toAge(ms: number): string {
  if (ms < 2 * SECOND) return "now";
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} d`;
}

/** `950`, `12.3k`, `4.1M`. */
export function toCount(count: number): string {
  if (count < 1_000) return `${count}`;
  const [size, unit] = count < 999_500 ? [count / 1_000, "k"] : [count / 1_000_000, "M"];
  return `${size < 99.95 ? size.toFixed(1) : Math.round(size)}${unit}`;
}

/** `512 B`, `1.5 KiB`, `3.2 MiB`. */
export function toBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  const [size, unit] = bytes < 1_024 * 1_024 ? [bytes / 1_024, "KiB"] : [bytes / 1_048_576, "MiB"];
  return `${size < 99.95 ? size.toFixed(1) : Math.round(size)} ${unit}`;
}

/** The moment in the reader's own words and time zone, to the second. */
export function toMoment(at: number): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

/** The time of day; with the date where it is not close to `now`. */
export function toClock(at: number, now: number): string {
  if (Math.abs(at - now) > 12 * HOUR) {
    return new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  }
  return new Date(at).toLocaleTimeString(undefined, { timeStyle: "short" });
}

/** Text of agents, repositories and callers on one line; no mark of it steers what stands round it. */
export function plain(text: string, maxChars = 300): string {
  return toPlainLine(text, maxChars);
}

/** An address that may stand in a link: of the web, and nothing that the browser would run. */
export function toWebAddress(text: string | null | undefined): string | null {
  if (!URL.canParse(text ?? "")) return null;
  const { protocol, href } = new URL(text ?? "");
  return protocol === "https:" || protocol === "http:" ? href : null;
}

function twoDigits(count = 0): string {
  return `${count}`.padStart(2, "0");
}

type Unit = readonly [ms: number, name: string];

function twoParts(ms: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((ms % large) / small);
  const whole = `${Math.floor(ms / large)} ${largeName}`;
  return rest === 0 ? whole : `${whole} ${rest} ${smallName}`;
}
