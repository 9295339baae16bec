import type { FailureCause } from "../../shared/job-result.ts";

/** Why a step of a job failed; `text` is unredacted until it leaves the flow. */
export type Failure = { readonly cause: FailureCause; readonly text: string };

/** What a step of a job came to. */
export type Step<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: Failure };

export function done<Value>(value: Value): Step<Value> {
  return { ok: true, value };
}

export function failed(cause: FailureCause, text: string): Step<never> {
  return { ok: false, failure: { cause, text } };
}
