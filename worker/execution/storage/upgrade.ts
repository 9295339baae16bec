/**
 * What an earlier version stored, as this one reads it: fields it did not know get the value that means what it meant.
 * A row is completed at every load, since rows are rewritten one by one.
 */

import type { Attempt, ExecutionState, Job } from "../state.ts";

type Rest = Omit<ExecutionState, "jobs">;

/** A container that lived before there were slots goes on living; the line hears of it at the next tick. */
export function completeExecution(stored: Rest): Rest {
  const slot = stored.instance === null ? ({ kind: "none" } as const) : ({ kind: "held" } as const);
  const newFieldsOfExecution = { starts: [], slot };
  return { ...newFieldsOfExecution, ...stored };
}

export function completeJob(stored: Job): Job {
  const job = { ...newFields, ...stored };
  return job.current === null ? job : { ...job, current: completeAttempt(job.current) };
}

const newFields = {
  about: null,
  extended: {},
  warnedOf: {},
  recoveries: [],
  baseCommit: null,
  toolName: null,
} as const;

const newFieldsOfAttempt = {
  beatNumber: 0,
  coldNoted: false,
  answersUnheard: 0,
  polling: null,
  lostAt: null,
} as const;

function completeAttempt(stored: Attempt): Attempt {
  const known = { ...newFieldsOfAttempt, ...stored };
  // A row of an earlier version may hold a boolean here.
  return typeof known.forgiven === "object" ? known : { ...known, forgiven: {} };
}
