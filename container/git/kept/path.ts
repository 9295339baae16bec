/** Where the checkout of a repository stands that outlives its job. */

import { createHash } from "node:crypto";
import { join } from "node:path";

/** Where such checkouts stand, and what stays in them from job to job. */
export type Workspaces = {
  /** Absolute. */
  readonly root: string;
  /** Patterns of untracked files, in the form of `.gitignore`. */
  readonly keep: readonly string[];
};

/** The places of one repository. No other repository has any of them. */
export type KeptTree = {
  readonly root: string;
  /** The work tree: `<root>/<owner>/<name>`. */
  readonly folder: string;
  /** A bare repository of the harness's own, which no agent works in. */
  readonly cache: string;
  readonly keep: readonly string[];
};

export type KeptRepo = { readonly owner: string; readonly name: string; readonly cloneUrl: string };

/** No owner's name begins with a dot here. */
const cachesFolder = ".holt";
const maxNameLength = 100;

/**
 * A repository of github.com whose names are fit for folders has them plain. Every other one carries a hash of its
 * address and names, behind a character that no plain name has.
 */
export function keptTreeOf({ root, keep }: Workspaces, repo: KeptRepo): KeptTree {
  const [owner, name] = [toSegment(repo.owner), toSegment(repo.name)];
  const isPlain =
    owner === repo.owner &&
    name === repo.name &&
    repo.cloneUrl.replace(/\.git$/, "") === `https://github.com/${owner}/${name}`;
  const folder = isPlain ? name : `${name}@${hashOf(repo)}`;
  return {
    root,
    folder: join(root, owner, folder),
    cache: join(root, cachesFolder, owner, `${folder}.git`),
    keep,
  };
}

function toSegment(text: string): string {
  const segment = text.replaceAll(/[^A-Za-z0-9._-]/g, "-").replace(/^\.+/, "_");
  return segment === "" ? "_" : segment.slice(0, maxNameLength);
}

function hashOf({ owner, name, cloneUrl }: KeptRepo): string {
  // separated by what none of them can hold, so that no two repositories are written alike
  const written = [cloneUrl, owner, name].join("\0");
  return createHash("sha256").update(written).digest("hex").slice(0, 16);
}
