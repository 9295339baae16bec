import * as z from "zod";

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
  "stale-attempt": { status: 409, retryable: false },
  "internal-error": { status: 500, retryable: true },
} as const satisfies Record<string, { readonly status: number; readonly retryable: boolean }>;

export const ErrorCode = z.literal(Object.keys(Errors).filter((key) => isErrorCode(key)));
export type ErrorCode = keyof typeof Errors;

/** The body of every answer that is not a success. `error` is one sentence for the person fixing the call. */
export const ErrorBody = z
  .object({
    error: z.string(),
    code: ErrorCode,
    requestId: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: "ErrorBody", description: "A refusal: what was wrong and what would be right." });
export type ErrorBody = z.infer<typeof ErrorBody>;

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

function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(Errors, value);
}
