import * as z from "zod";
import { ErrorBody, ErrorCode, Errors } from "../errors.ts";
import { parseJson } from "../json.ts";

/** Why a call brought no answer: a refusal of the Worker, or what stood in the way of one. */
export const CallFailure = z
  .object({
    /** `unreachable`: no answer at all. `unexpected-answer`: one that is not of this API, or of a later version of it. */
    code: z.union([ErrorCode, z.literal(["unreachable", "unexpected-answer"])]),
    error: z.string(),
    /** Null where nothing answered. */
    status: z.int().nullable(),
    requestId: z.string().nullable(),
    /** Whether the same call may succeed another time. */
    retryable: z.boolean(),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: "CallFailure", description: "Why a call brought no answer." });
export type CallFailure = z.infer<typeof CallFailure>;

const QUOTED_CHARS = 200;

/** Of an answer that is no success, or whose body is not what the endpoint answers. */
export function toFailure(
  {
    status,
    headers,
  }: { readonly status: number; readonly headers: { get: (name: string) => string | null } },
  text: string,
): CallFailure {
  const refused = ErrorBody.safeParse(parseJson(text));
  if (refused.success) {
    const { code, error, requestId, details } = refused.data;
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
    error: `cannot reach ${url}: ${reasonOf(error)}`,
    status: null,
    requestId: null,
    retryable: true,
  };
}

/** `fetch failed` says nothing; its cause has the reason. */
function reasonOf(error: unknown): string {
  const cause = fieldOf(error, "cause");
  const told = [fieldOf(cause, "code"), fieldOf(cause, "message"), fieldOf(error, "message")];
  return told.find((text): text is string => typeof text === "string" && text !== "") ?? String(error);
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
