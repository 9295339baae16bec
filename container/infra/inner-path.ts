/** Paths that a job names inside a folder. Neither a `..` nor a link leads out of it. */

import { realpath } from "node:fs/promises";
import { join, sep } from "node:path";

/** Why a path is none inside its folder, by its look alone; null where it is one. */
export function innerPathProblem(field: string, path: string): string | null {
  const segments = path.split(/[\\/]/u);
  const leavesFolder = segments.includes("..") || segments[0] === "" || /^[A-Za-z]:/u.test(path);
  if (leavesFolder || path.includes("\0")) return `'${field}' must be a path inside the repository: ${path}`;
  if (path.startsWith("-")) return `'${field}' must not begin with '-': ${path}`;
  return null;
}

export type Resolved =
  | { readonly kind: "inside"; readonly path: string }
  | { readonly kind: "missing" }
  | { readonly kind: "outside" };

/** Where a path leads when its links are followed. */
export async function resolveInside(folder: string, path: string): Promise<Resolved> {
  const root = await realpath(folder);
  const real = await realpath(join(folder, path)).catch(() => null);
  if (real === null) return { kind: "missing" };
  return real === root || real.startsWith(`${root}${sep}`)
    ? { kind: "inside", path: real }
    : { kind: "outside" };
}
