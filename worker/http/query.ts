import { type Refusal, refuse } from "../../shared/errors.ts";
import { Limits } from "../../shared/limits.ts";

type Range = { readonly min: number; readonly max: number };
type WholeNumber = { readonly ok: true; readonly value: number | undefined } | Refusal;

export type ReadOptions = {
  readonly ok: true;
  readonly after: number | undefined;
  readonly waitMs: number | undefined;
  /** The revision the caller has, from `If-None-Match`. */
  readonly revision: number | undefined;
};

/** `?after`, `?wait` in seconds and `If-None-Match` of a read that takes nothing. */
export function readOptionsOf(url: URL, headers: Headers): ReadOptions | Refusal {
  const after = wholeNumber(url, "after", { min: 0, max: Number.MAX_SAFE_INTEGER });
  if (!after.ok) return after;
  const wait = wholeNumber(url, "wait", { min: 0, max: Limits.waitSecondsMax });
  if (!wait.ok) return wait;
  const waitMs = wait.value === undefined ? undefined : wait.value * 1_000;
  return { ok: true, after: after.value, waitMs, revision: revisionOf(headers) };
}

/** A query parameter that is a whole number within a range, when it is there. */
export function wholeNumber(url: URL, name: string, range: Range): WholeNumber {
  return wholeNumberIn(url.searchParams.get(name), name, range);
}

/** The same of any text; @param name what the caller knows it as */
export function wholeNumberIn(text: string | null, name: string, { min, max }: Range): WholeNumber {
  if (text === null) return { ok: true, value: undefined };
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return { ok: true, value };
  return refuse("invalid-request", `'${name}' must be a whole number from ${min} to ${max}`);
}

/** An entity tag is the revision in quotes; a foreign one matches nothing. */
export function revisionOf(headers: Headers): number | undefined {
  const tag = tagOf(headers);
  return tag === undefined || !/^\d{1,16}$/.test(tag) ? undefined : Number(tag);
}

/** What stands in the quotes of `If-None-Match`, where it is one tag. */
export function tagOf(headers: Headers): string | undefined {
  return /^(?:W\/)?"([\w.-]{1,64})"$/.exec(headers.get("if-none-match")?.trim() ?? "")?.[1];
}

export function etagOf(name: number | string): string {
  return `"${name}"`;
}
