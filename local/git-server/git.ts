/** Calls of git that see no configuration but the repository's. */
import { execa } from "execa";

/** HOME is a folder in which no one keeps a `.gitconfig`. */
export function gitEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: home,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
  };
}

/** Standard output, trimmed; a failed call throws with git's own words. */
export async function runGit(
  home: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await execa("git", args, {
    env: { ...gitEnvironment(home), ...environment },
    extendEnv: false,
  });
  return stdout.trim();
}
