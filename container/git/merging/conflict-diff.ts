import { isSuccess } from "../../process/exit.ts";
import { type Step, done } from "../../process/step.ts";
import { type Git, gitFailure, localGitMs } from "../git.ts";

export type ConflictDiff = { readonly text: string; readonly isCut: boolean };

/** A character takes four bytes at most. */
const maxBytesPerChar = 4;

/** The files with conflicts as git shows them, against both sides, in the checkout that nobody else has touched yet. */
export async function readConflictDiff(
  git: Git,
  options: { readonly folder: string; readonly maxChars: number; readonly signal: AbortSignal },
): Promise<Step<ConflictDiff>> {
  const { folder, maxChars, signal } = options;
  const kept: Buffer[] = [];
  let bytes = 0;
  const args = ["diff", "--no-color", "--no-ext-diff", "--no-textconv", "--diff-filter=U"];
  const end = await git.try(args, {
    cwd: folder,
    timeoutMs: localGitMs,
    signal,
    onStdout: (chunk) => {
      if (bytes <= maxChars * maxBytesPerChar) kept.push(Buffer.from(chunk));
      bytes += chunk.length;
    },
  });
  if (!isSuccess(end.exit)) return gitFailure(args, end);
  const whole = Buffer.concat(kept).toString("utf8");
  if (whole.length <= maxChars) return done({ text: whole, isCut: false });
  const head = whole.slice(0, maxChars);
  // whole lines, where there is more than one
  const lastLine = head.lastIndexOf("\n");
  return done({ text: lastLine === -1 ? head.toWellFormed() : head.slice(0, lastLine + 1), isCut: true });
}
