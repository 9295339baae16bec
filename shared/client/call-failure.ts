import * as z from "zod";
import { ErrorCode } from "../errors.ts";

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
