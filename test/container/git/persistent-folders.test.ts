import { chmod, mkdir, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { openKeptFolders } from "../../../container/git/kept/folders.ts";
import { type KeptRepo, keptTreeOf } from "../../../container/git/kept/path.ts";
import { makeFolder } from "../job-folder.ts";

const repo = { owner: "octo", name: "app", cloneUrl: "https://github.com/octo/app.git" };
const treeOf = (root: string, given: Partial<KeptRepo> = {}) =>
  keptTreeOf({ root, keep: [] }, { ...repo, ...given });

test("a repository of GitHub's own has its plain names", ({ expect }) => {
  expect(treeOf("/workspace")).toMatchObject({
    folder: "/workspace/octo/app",
    cache: "/workspace/.holt/octo/app.git",
  });
  const cloneUrl = "https://github.com/octo/app";
  expect(treeOf("/workspace", { cloneUrl }).folder).toBe("/workspace/octo/app");
});

test("repositories that are not the same never share a checkout", ({ expect }) => {
  const others: ReadonlyArray<Partial<KeptRepo>> = [
    {},
    { cloneUrl: "https://gitlab.com/octo/app.git" },
    { cloneUrl: "https://github.example:8443/octo/app.git" },
    { cloneUrl: "https://github.com/octo/other.git" },
    { owner: "oc to", cloneUrl: "https://github.com/oc-to/app.git" },
    { owner: "oc/to", cloneUrl: "https://github.com/oc-to/app.git" },
    { owner: "oc-to", cloneUrl: "https://github.com/oc-to/app.git" },
    { name: "äpp", cloneUrl: "https://gitlab.com/octo/app.git" },
    { name: "öpp", cloneUrl: "https://gitlab.com/octo/app.git" },
    { owner: "a".repeat(150), cloneUrl: `https://github.com/${"a".repeat(150)}/app` },
    { owner: "a".repeat(151), cloneUrl: `https://github.com/${"a".repeat(151)}/app` },
  ];
  const trees = others.map((other) => treeOf("/workspace", other));
  expect(new Set(trees.map(({ folder }) => folder)).size).toBe(others.length);
  expect(new Set(trees.map(({ cache }) => cache)).size).toBe(others.length);
});

test.for(["..", ".", "../..", "/etc", "..\\..", ".holt", "", "a/../../b", "a b"])(
  "no owner or name leads out of the root: '%s'",
  (name, { expect }) => {
    for (const given of [{ owner: name }, { name }, { owner: name, name }]) {
      const { folder, cache } = treeOf("/workspace", given);
      expect(folder).toMatch(/^\/workspace\/[A-Za-z0-9_-][A-Za-z0-9._-]*\/[A-Za-z0-9_-][A-Za-z0-9._@-]*$/);
      expect(cache).toMatch(
        /^\/workspace\/\.holt\/[A-Za-z0-9_-][A-Za-z0-9._-]*\/[A-Za-z0-9_-][A-Za-z0-9._@-]*\.git$/,
      );
    }
  },
);

test("the folders are made, the caches for the harness alone", async ({ expect }) => {
  const root = join(await makeFolder(), "deep", "workspace");
  const tree = treeOf(root);
  expect(await openKeptFolders(tree)).toBeNull();
  const modes = [root, join(root, "octo"), tree.folder, join(root, ".holt")].map(
    async (path) => (await stat(path)).mode & 0o777,
  );
  expect(await Promise.all(modes)).toEqual([0o755, 0o755, 0o700, 0o700]);
});

test.for(["workspace", "workspace/octo", "workspace/.holt", "workspace/.holt/octo"])(
  "a link in place of %s is refused, and nothing behind it is touched",
  async (linked, { expect }) => {
    const folder = await makeFolder();
    const outside = join(folder, "outside");
    await mkdir(join(outside, "app"), { recursive: true });
    await writeFile(join(outside, "app", "mine"), "");
    await mkdir(join(folder, linked, ".."), { recursive: true });
    await symlink(outside, join(folder, linked));
    expect(await openKeptFolders(treeOf(join(folder, "workspace")))).toBe(
      `'${join(folder, linked)}' is no folder but a link`,
    );
    expect([await readdir(outside), await readdir(join(outside, "app"))]).toEqual([["app"], ["mine"]]);
  },
);

test("a link in place of the tree is taken away, and nothing behind it is touched", async ({ expect }) => {
  const folder = await makeFolder();
  const outside = join(folder, "outside");
  await mkdir(outside);
  await writeFile(join(outside, "mine"), "");
  const tree = treeOf(join(folder, "workspace"));
  await openKeptFolders(tree);
  await rm(tree.folder, { recursive: true });
  await symlink(outside, tree.folder);
  expect(await openKeptFolders(tree)).toBeNull();
  expect([await readdir(outside), await readdir(tree.folder)]).toEqual([["mine"], []]);
});

test("a root that cannot be made is told", async ({ expect }) => {
  const folder = await makeFolder();
  await writeFile(join(folder, "file"), "");
  expect(await openKeptFolders(treeOf(join(folder, "file", "workspace")))).toContain("ENOTDIR");
});

test("a tree that its agent has closed is opened again", async ({ expect }) => {
  const tree = treeOf(join(await makeFolder(), "workspace"));
  await openKeptFolders(tree);
  await chmod(tree.folder, 0);
  expect(await openKeptFolders(tree)).toBeNull();
  expect((await stat(tree.folder)).mode & 0o777).toBe(0o700);
});
