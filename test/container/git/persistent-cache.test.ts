import { existsSync } from "node:fs";
import { chmod, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { test } from "vitest";
import { runGit, writeFiles } from "../git-host.ts";
import { openKeptRig } from "./persistent-rig.ts";

test("a job fetches what is new, and nothing where nothing is", async ({ expect }) => {
  const { nextJob, host, inTree } = await openKeptRig();
  /** Requests beyond the one that lists the refs: those that carry objects. */
  const transfers = async (): Promise<number> => {
    const before = host.server.requests().length;
    await nextJob();
    return (
      host.server
        .requests()
        .slice(before)
        .filter(({ isTransfer }) => isTransfer).length - 1
    );
  };
  expect(await transfers()).toBeGreaterThan(0);
  expect(await transfers()).toBe(0);
  const head = await host.commitElsewhere("main", "second.txt");
  expect(await transfers()).toBeGreaterThan(0);
  expect(await inTree("rev-parse", "HEAD")).toBe(head);
  expect(await inTree("for-each-ref", "--format=%(refname)")).not.toContain("kept");
});

test("settings and programs planted in the cache are not there any more when it is read", async ({
  expect,
}) => {
  const { nextJob, tree, folder } = await openKeptRig();
  await nextJob();
  const trap = join(folder, "trapped");
  await writeFiles(folder, { "bin/trap": `#!/bin/sh\ntouch ${trap}\nexec "$@"\n` });
  await runGit(folder, "-C", tree.cache, "config", "core.alternateRefsCommand", join(folder, "bin/trap"));
  await runGit(folder, "-C", tree.cache, "config", "uploadpack.packObjectsHook", join(folder, "bin/trap"));
  expect(await nextJob()).toMatch(/^[0-9a-f]{40}$/);
  expect(existsSync(trap)).toBe(false);
  expect(await runGit(folder, "-C", tree.cache, "config", "--local", "--list")).toBe(
    "core.repositoryformatversion=0\ncore.bare=true",
  );
});

test("a cache with anything in it that the harness does not put there is given up", async ({ expect }) => {
  const { nextJob, tree, folder } = await openKeptRig();
  for (const planted of ["hooks/post-update", "config.worktree", "commondir", "objects/info/alternates"]) {
    await nextJob();
    await writeFiles(tree.cache, { [planted]: join(folder, "elsewhere") });
    await nextJob();
    expect(existsSync(join(tree.cache, planted))).toBe(false);
    expect(existsSync(join(tree.cache, "HEAD"))).toBe(true);
  }
});

test("objects in the cache that are not what they say are noticed, and fetched again", async ({ expect }) => {
  const { nextJob, tree, inTree } = await openKeptRig();
  await nextJob();
  const packs = join(tree.cache, "objects", "pack");
  for (const name of await readdir(packs)) {
    await chmod(join(packs, name), 0o644);
    await writeFile(join(packs, name), "no pack at all");
  }
  await nextJob();
  expect(await inTree("fsck", "--full", "--strict")).toBe("");
  expect(await inTree("status", "--porcelain")).toBe("");
});

test("many packs become one", async ({ expect }) => {
  const { nextJob, tree, host } = await openKeptRig();
  await nextJob();
  const packs = join(tree.cache, "objects", "pack");
  for (let count = 0; count < 20; count += 1) {
    const input = await inCache(["hash-object", "-w", "--stdin"], `blob ${count}`);
    await inCache(["pack-objects", "-q", join(packs, "pack")], input);
  }
  expect((await readdir(packs)).filter((name) => name.endsWith(".pack"))).toHaveLength(21);
  await host.commitElsewhere("main", "second.txt");
  await nextJob();
  expect((await readdir(packs)).filter((name) => name.endsWith(".pack"))).toHaveLength(1);
  expect(await nextJob()).toMatch(/^[0-9a-f]{40}$/);

  async function inCache(args: readonly string[], input: string): Promise<string> {
    return (await execa("git", args, { cwd: tree.cache, input })).stdout;
  }
});
