import { writeFile } from "node:fs/promises";

/** The environment name under which the program finds the one question it answers. */
export const passwordPromptVariable = "HOLT_PASSWORD_PROMPT";

/**
 * Git's askpass program. It knows no token: git inherits one on descriptor 3 for the length of a command, and the
 * program passes it on only when the question names exactly the job's host, so a redirect, another remote or a
 * submodule elsewhere gets nothing.
 */
const program = `#!/bin/sh
[ -n "$${passwordPromptVariable}" ] && [ "$1" = "$${passwordPromptVariable}" ] || exit 1
exec cat <&3
`;

export async function writeAskpass(path: string): Promise<void> {
  await writeFile(path, program, { mode: 0o700, flag: "wx" });
}
