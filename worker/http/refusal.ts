import { type ErrorBody, Errors, type Refusal } from "../../shared/errors.ts";

/** On every answer: JSON is JSON to a browser too, views are nobody's cache entry, and ids in a path leak to no one. */
export const secureHeaders = {
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
} as const;

/** The one way from a refusal to HTTP: status and code from the table, the sentence, and what to ask us about. */
export function refusalResponse(
  refusal: Refusal,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const { code, error, details } = refusal;
  const body: ErrorBody =
    details === undefined ? { error, code, requestId } : { error, code, requestId, details: { ...details } };
  return Response.json(body, {
    status: Errors[code].status,
    headers: { ...secureHeaders, "x-request-id": requestId, ...headers },
  });
}

/** The count of a caller's requests begins anew by then: `[[ratelimits]]` in wrangler.toml counts by the minute. */
export const untilRateResets = { "retry-after": "60" } as const;

export const internalError: Refusal = {
  ok: false,
  code: "internal-error",
  error: "Holt failed to answer; the log names the reason under this request id",
};
