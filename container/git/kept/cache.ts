/**
 * The objects that stay of a repository between two jobs, in a bare repository that only the harness writes. Where the
 * agent is the harness's own user it could write it as well, so nothing but objects is taken from it: git reads it as it
 * reads any stranger's repository, checks what it reads, and finds no setting in it.
 */

import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isSuccess } from "../../process/exit.ts";
import { type Git, localGitMs } from "../git.ts";
import type { KeptTree } from "./path.ts";
import { removeWhatever } from "./removal.ts";

type CacheWork = { readonly tree: KeptTree; readonly signal: AbortSignal };

/** The branches of the cache in the repository that is made from it, until the remote has been asked. */
const keptRefs = "refs/holt/kept/";

/** How long objects may take from one folder to another. */
const transferMs = 300_000;

/** Every job that finds something new adds one. */
const maxPacks = 20;

/** All that git makes in a bare repository without a template. */
const knownNames: ReadonlySet<string> = new Set([
  "HEAD",
  "FETCH_HEAD",
  "branches",
  "config",
  "objects",
  "packed-refs",
  "refs",
]);

const config = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n";

/** Brings the kept objects into the tree's repository. A cache that cannot be read is given up. */
export async function readCache(git: Git, { tree, signal }: CacheWork): Promise<void> {
  if (!(await isFit(tree.cache))) return;
  const refspec = `+refs/heads/*:${keptRefs}*`;
  const fetched = await git.try(["fetch", "-q", "--no-tags", "--", tree.cache, refspec], {
    cwd: tree.folder,
    local: true,
    timeoutMs: transferMs,
    signal,
  });
  if (!isSuccess(fetched.exit)) await removeWhatever(tree.cache);
}

/** Forgets which of the tree's objects were kept ones. */
export async function dropKeptRefs(git: Git, { tree, signal }: CacheWork): Promise<void> {
  const inside = { cwd: tree.folder, timeoutMs: localGitMs, signal };
  const listed = await git.try(["for-each-ref", "--format=delete %(refname)", keptRefs], inside);
  if (listed.stdout === "") return;
  await git.try(["update-ref", "--stdin"], { ...inside, input: listed.stdout });
}

/** Takes over what the tree's repository got from the remote. A cache that cannot be written is given up. */
export async function updateCache(git: Git, { tree, signal }: CacheWork): Promise<void> {
  const { cache } = tree;
  if (!(await isFit(cache))) {
    await removeWhatever(cache);
    await mkdir(dirname(cache), { recursive: true });
    await git.try(["init", "-q", "--bare", "--", cache], {
      cwd: dirname(cache),
      timeoutMs: localGitMs,
      signal,
    });
  }
  const inCache = { cwd: cache, env: { GIT_DIR: cache }, timeoutMs: transferMs, signal };
  const args = ["fetch", "-q", "--prune", "--no-tags", "--no-write-fetch-head"];
  const refspec = "+refs/remotes/origin/*:refs/heads/*";
  // what comes stays one pack, so that the packs are easily counted
  const fetched = await git.try(["-c", "fetch.unpackLimit=1", ...args, "--", tree.folder, refspec], {
    ...inCache,
    local: true,
  });
  if (!isSuccess(fetched.exit)) return removeWhatever(cache);
  if ((await countPacks(cache)) <= maxPacks) return;
  const packed = await git.try(["gc", "-q", "--prune=now"], inCache);
  if (!isSuccess(packed.exit)) await removeWhatever(cache);
}

/** Whether a cache is there and holds nothing but what we put there; its settings are written anew in any case. */
async function isFit(cache: string): Promise<boolean> {
  const entries = await readdir(cache, { withFileTypes: true }).catch(() => []);
  const isKnown = entries.every((entry) => knownNames.has(entry.name) && !entry.isSymbolicLink());
  const ofObjects = await readdir(join(cache, "objects", "info")).catch(() => []);
  const hasAlternates = ofObjects.some((name) => name.includes("alternates"));
  if (entries.length === 0 || !isKnown || hasAlternates) return false;
  const path = join(cache, "config");
  await removeWhatever(path);
  await writeFile(path, config, { flag: "wx" });
  return true;
}

async function countPacks(cache: string): Promise<number> {
  const names = await readdir(join(cache, "objects", "pack"));
  return names.filter((name) => name.endsWith(".pack")).length;
}
