/** How things are named; apart from the schemas, for whoever only has to tell a name from something else. */

import type { Limits } from "./limits.ts";

/** Printable characters; control characters are refused, since ids stand in paths, logs and terminals. */
export const jobIdPattern = /^[^\p{Cc}\p{Cs}\u2028\u2029]+$/u;
export const executionIdPattern = /^[A-Za-z0-9._-]{1,128}$/;
export const boardNamePattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** The table of limits weighs more than all of this. */
const JOB_ID_CHARS = 256 satisfies typeof Limits.jobIdChars;

/** The names that stand in a path of the endpoint table. */
export const pathNames = {
  jobId: (text) => text.length <= JOB_ID_CHARS && jobIdPattern.test(text),
  executionId: (text) => executionIdPattern.test(text),
  board: (text) => boardNamePattern.test(text),
} as const satisfies Readonly<Record<string, (text: string) => boolean>>;
export type PathName = keyof typeof pathNames;
