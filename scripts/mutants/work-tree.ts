import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { execa } from "execa";
import type { Patch } from "./patch.ts";

/** Installed, built or kept as state: none of it is a source. */
const left: ReadonlySet<string> = new Set(["node_modules", ".git", ".holt", ".wrangler", "dist"]);

/** A copy of the sources that may be broken at will; what is installed is shared with the original. */
export type WorkTree = {
  readonly root: string;
  /** The reason where the patch does not fit the sources; null once it is applied. */
  readonly breakBy: (patch: Patch) => Promise<string | null>;
  readonly mend: (patch: Patch) => void;
  readonly remove: () => void;
};

export function copyWorkTree(original: string): WorkTree {
  const root = mkdtempSync(join(tmpdir(), "holt-mutants-"));
  cpSync(original, root, { recursive: true, filter: (source) => !left.has(basename(source)) });
  symlinkSync(join(original, "node_modules"), join(root, "node_modules"));
  return {
    root,
    breakBy: async ({ path }) => {
      // Where the copy lies inside a repository, git would leave out what that one does not hold.
      const env = { GIT_CEILING_DIRECTORIES: dirname(root) };
      const applied = await execa("git", ["apply", path], { cwd: root, env, reject: false, all: true });
      return applied.exitCode === 0 ? null : applied.all;
    },
    mend: ({ files }) => {
      for (const file of files) cpSync(join(original, file), join(root, file));
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
