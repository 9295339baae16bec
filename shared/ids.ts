import * as z from "zod";
import { boardNamePattern, executionIdPattern, jobIdPattern } from "./id-patterns.ts";
import { instanceIdPattern } from "./instance-id.ts";
import { Limits } from "./limits.ts";

export const JobId = z
  .string()
  .min(1)
  .max(Limits.jobIdChars)
  .regex(jobIdPattern)
  .meta({ id: "JobId", description: "1–256 printable characters, chosen by the caller." });
export type JobId = z.infer<typeof JobId>;

export const ExecutionId = z
  .string()
  .regex(executionIdPattern)
  .meta({ id: "ExecutionId", description: "The name of an execution: [A-Za-z0-9._-]{1,128}." });
export type ExecutionId = z.infer<typeof ExecutionId>;

/** One start of a container; random, stored before the start. */
export const InstanceId = z.string().regex(instanceIdPattern);
export type InstanceId = z.infer<typeof InstanceId>;

/** Made by a harness at its own start; tells two lives of one container apart. */
export const BootId = z.string().regex(/^[A-Za-z0-9-]{8,64}$/);
export type BootId = z.infer<typeof BootId>;

export const BoardName = z
  .string()
  .regex(boardNamePattern)
  .meta({ id: "BoardName", description: "The board an execution shows on." });
export type BoardName = z.infer<typeof BoardName>;

/** What each of them is, for whoever gave another. */
export const idWords = {
  jobId: "a job id is 1 to 256 printable characters",
  executionId: "an execution is named by 1 to 128 of A-Z a-z 0-9 . _ -",
  board: "a board is named by 1 to 63 of a-z 0-9 -, the first of them no -",
} as const;

/**
 * The execution that a job dispatched at the job protocol belongs to: the leading `kind_hex` of its id, else the id itself,
 * else, where that is no name, a hash of it.
 * @param sha256Hex lower-case hex SHA-256 of a text
 */
export async function executionOf(
  jobId: JobId,
  sha256Hex: (text: string) => Promise<string>,
): Promise<ExecutionId> {
  const leading = /^([a-z]+_[0-9a-z]+)(?:-.*)?$/s.exec(jobId)?.[1];
  const name = leading ?? jobId;
  return ExecutionId.safeParse(name).success ? name : `h_${(await sha256Hex(jobId)).slice(0, 40)}`;
}

/** Percent-decodes a path segment once; null where the escapes are malformed. */
export function decodeSegment(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}
