/** What the agent of a conflict-resolution job is asked to do. */

import type { ConflictDiff } from "../git/merging/conflict-diff.ts";

export type ConflictPrompt = {
  readonly base: string;
  readonly branch: string;
  readonly paths: readonly string[];
  readonly diff: ConflictDiff;
  /** The caller's own words. */
  readonly userPrompt: string;
};

/** Of the diff; the files themselves have the rest. */
export const maxDiffChars = 24_000;

/** A list that is read; the diff and `git status` name them all. */
const maxListed = 500;

export function composeConflictPrompt(prompt: ConflictPrompt): string {
  const { base, branch, paths } = prompt;
  const files = paths.length === 1 ? "1 file" : `${paths.length} files`;
  const sections = [
    `Merging the base branch \`${base}\` into the pull request's branch \`${branch}\` stopped at conflicts in ${files}:`,
    listOf(paths),
    instruction,
    `The conflicts as git shows them:\n\n${fence(prompt.diff)}`,
    ...reference(prompt.userPrompt),
  ];
  return `${sections.join("\n\n")}\n`;
}

const instruction = `Resolve every one of them. Keep what both sides intended: what the branch is for, and what changed on the base since. Leave
no conflict marker (\`<<<<<<<\`, \`|||||||\`, \`=======\`, \`>>>>>>>\`) in any file, and mend other files where the two sides only
work together with a change there. A file that is no text, or that one side deleted, has no markers: decide, and stage
your decision with \`git add\` or \`git rm\`. A new file of yours belongs to the merge only if you \`git add\` it.

The merge is under way in this checkout, and the harness completes the merge commit and pushes it when you are done. So
do not abort, reset or rebase, and create neither a branch nor a pull request.`;

function listOf(paths: readonly string[]): string {
  const lines = paths.slice(0, maxListed).map((path) => `- ${nameOf(path)}`);
  const more = paths.length - lines.length;
  return [...lines, ...(more > 0 ? [`- … and ${more} more`] : [])].join("\n");
}

/** A name with control characters is no line of a list. */
function nameOf(path: string): string {
  return /\p{Cc}/u.test(path) ? JSON.stringify(path) : path;
}

/** A fence that nothing in the diff closes. */
function fence({ text, isCut }: ConflictDiff): string {
  const runs = text.match(/`{3,}/g) ?? [];
  const ticks = "`".repeat(Math.max(2, ...runs.map((run) => run.length)) + 1);
  const note = isCut
    ? `\n\nThe diff is cut off after ${maxDiffChars} characters; read the rest in the files.`
    : "";
  return `${ticks}diff\n${text.trimEnd()}\n${ticks}${note}`;
}

function reference(userPrompt: string): readonly string[] {
  const given = userPrompt.trim();
  return given === "" ? [] : [`For reference, what the caller says about this job:\n\n${given}`];
}
