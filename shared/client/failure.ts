/** Failures of calls, made without a schema: the page has them too, and no room for zod. */

import { Errors, isErrorCode, refuse } from "../error-codes.ts";
import type { ErrorBody } from "../errors.ts";
import { memberOf, parseJson } from "../json.ts";
import type { CallFailure } from "./call-failure.ts";

const QUOTED_CHARS = 200;

/** Of an answer that is no success, or whose body is not what the endpoint answers. */
export function toFailure(
  {
    status,
    headers,
  }: { readonly status: number; readonly headers: { get: (name: string) => string | null } },
  text: string,
): CallFailure {
  const refused = parseJson(text);
  if (isErrorBody(refused)) {
    const { code, error, requestId, details } = refused;
    const { retryable } = Errors[code];
    return { code, error, status, requestId, retryable, ...(details !== undefined && { details }) };
  }
  return {
    code: "unexpected-answer",
    error: `HTTP ${status} with an answer that is not of this API: ${text.slice(0, QUOTED_CHARS)}`,
    status,
    requestId: headers.get("x-request-id"),
    // What stands between answers so while the Worker restarts; of the API itself only a table says what may be repeated.
    retryable: status >= 500,
  };
}

export function unreachable(url: string, error: unknown): CallFailure {
  return {
    code: "unreachable",
    error: `cannot reach ${url === "" ? "the server" : url}: ${reasonOf(error)}`,
    status: null,
    requestId: null,
    retryable: true,
  };
}

/** A call that no address can be made for; `wrong` names the ids that are none. */
export function unsendable(wrong: readonly string[]): CallFailure {
  const { code, error } = refuse("invalid-id", `no request can be made for ${wrong.join(", ")}`);
  return { code, error, status: null, requestId: null, retryable: false };
}

/** What `ErrorBody` takes; a test holds the two against each other. */
export function isErrorBody(value: unknown): value is ErrorBody {
  if (!isObject(value)) return false;
  const { error, code, requestId, details } = value;
  const isWhole = typeof error === "string" && isErrorCode(code) && typeof requestId === "string";
  return isWhole && (details === undefined || isObject(details));
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `fetch failed` says nothing; its cause has the reason. */
function reasonOf(error: unknown): string {
  const cause = memberOf(error, "cause");
  const told = [memberOf(cause, "code"), memberOf(cause, "message"), memberOf(error, "message")];
  return told.find((text): text is string => typeof text === "string" && text !== "") ?? String(error);
}
