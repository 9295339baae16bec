/** Ids from paths, validated before any object is addressed. */

import { type Refusal, refuse } from "../../shared/errors.ts";
import { BoardName, decodeSegment, ExecutionId, executionOf, idWords, JobId } from "../../shared/ids.ts";
import { sha256Hex } from "../keys.ts";

export type PathIds =
  | { readonly ok: true; readonly jobId: string; readonly executionId: string; readonly board: string }
  | Refusal;

/** @param pattern a path of the endpoint table; @param pathname as received, not decoded */
export function idsIn(pattern: string, pathname: string): PathIds {
  const segments = pathname.split("/");
  const ids = { jobId: "", executionId: "", board: "" };
  for (const [index, name] of pattern.split("/").entries()) {
    const rule = rules.find(({ key }) => name === `{${key}}`);
    if (rule === undefined) continue;
    const id = decodeSegment(segments[index] ?? "");
    if (id === null || !rule.schema.safeParse(id).success) return refuse("invalid-id", rule.words);
    ids[rule.key] = id;
  }
  return { ok: true, ...ids };
}

/** The execution of a job dispatched at the job protocol. */
export function ownerOf(jobId: string): Promise<string> {
  return executionOf(jobId, sha256Hex);
}

/**
 * Refuses a job id that names another execution than the one addressed: the same id at the job protocol would reach that
 * one, and be a stranger there.
 */
export async function checkOwner(executionId: string, jobId: string): Promise<Refusal | null> {
  const owner = await ownerOf(jobId);
  const isNamedById = jobId === owner || jobId.startsWith(`${owner}-`);
  if (owner === executionId || !isNamedById || !/^[a-z]+_[0-9a-z]+$/.test(owner)) return null;
  return refuse("wrong-execution", `a job of this id belongs to the execution '${owner}'`, {
    executionId: owner,
  });
}

const rules = [
  { key: "jobId", schema: JobId, words: `${idWords.jobId}, percent-encoded once` },
  { key: "executionId", schema: ExecutionId, words: idWords.executionId },
  { key: "board", schema: BoardName, words: idWords.board },
] as const;
