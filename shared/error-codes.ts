/** The one table of refusals, apart from the schemas: the page reads it, and the page has no room for zod. */

/** Status and retryability of every refusal. Clients decide on retries by `retryable`, never by the status or the text. */
export const Errors = {
  unauthorized: { status: 401, retryable: false },
  "invalid-beat-key": { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  "auth-not-configured": { status: 503, retryable: false },
  "sealing-not-configured": { status: 503, retryable: false },
  "rate-limited": { status: 429, retryable: true },
  "execution-full": { status: 429, retryable: false },
  "not-found": { status: 404, retryable: false },
  "job-not-found": { status: 404, retryable: false },
  "execution-not-found": { status: 404, retryable: false },
  "unknown-job-kind": { status: 404, retryable: false },
  "invalid-json": { status: 400, retryable: false },
  "invalid-job": { status: 400, retryable: false },
  "invalid-request": { status: 400, retryable: false },
  "invalid-id": { status: 400, retryable: false },
  "invalid-beat": { status: 400, retryable: false },
  "too-deep": { status: 400, retryable: false },
  "forbidden-key": { status: 400, retryable: false },
  "body-too-large": { status: 413, retryable: false },
  "unsupported-encoding": { status: 415, retryable: false },
  "not-available-yet": { status: 422, retryable: false },
  "spec-differs": { status: 409, retryable: false },
  "already-finished": { status: 409, retryable: false },
  "already-fired": { status: 409, retryable: false },
  "wrong-execution": { status: 409, retryable: false },
  "being-released": { status: 503, retryable: true },
  "stale-attempt": { status: 409, retryable: false },
  "internal-error": { status: 500, retryable: true },
} as const satisfies Record<string, { readonly status: number; readonly retryable: boolean }>;

export type ErrorCode = keyof typeof Errors;

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(Errors, value);
}

/** A refusal as data: how an object answers what it will not do, across RPC, where classes do not survive. */
export type Refusal = {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly error: string;
  readonly details?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
};

export function refuse(code: ErrorCode, error: string, details?: Refusal["details"]): Refusal {
  return details === undefined ? { ok: false, code, error } : { ok: false, code, error, details };
}
