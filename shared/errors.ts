import * as z from "zod";
import { Errors, type ErrorCode as Code, isErrorCode } from "./error-codes.ts";

export { Errors, type Refusal, refuse } from "./error-codes.ts";

export const ErrorCode = z.literal(Object.keys(Errors).filter((key) => isErrorCode(key)));
export type ErrorCode = Code;

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
