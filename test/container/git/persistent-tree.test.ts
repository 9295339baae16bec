import { readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { test } from "vitest";
import { writeFiles } from "../git-host.ts";
import { openKeptRig } from "./persistent-rig.ts";

const files = { "README.md": "hello\n", "src/a.js": "a\n", ".gitignore": "node_modules\ndist\n" };

test("what is to be kept outlives a job, and everything else it left is gone", async ({ expect }) => {
  const { nextJob, tree, inTree } = await openKeptRig(files);
  await nextJob();
  await writeFiles(tree.folder, {
    "node_modules/lib/index.js": "lib\n",
    "src/node_modules/deep.js": "deep\n",
    "dist/out.js": "built\n",
    "scratch.txt": "scratch\n",
    "vendored/.git/config": "[core]\n",
    "src/a.js": "edited\n",
  });
  await inTree("commit", "-qam", "Not pushed");
  await nextJob();
  expect(await inTree("status", "--porcelain", "--ignored")).toBe("!! node_modules/\n!! src/node_modules/");
  expect(await readFile(join(tree.folder, "src/a.js"), "utf8")).toBe("a\n");
  expect((await readdir(tree.folder)).toSorted()).toEqual(
    [".git", ".gitignore", "README.md", "node_modules", "src"].toSorted(),
  );
});

test("a file that did not change is as old as it was, so builds need not begin anew", async ({ expect }) => {
  const { nextJob, tree, host } = await openKeptRig(files);
  await nextJob();
  const path = join(tree.folder, "src/a.js");
  const before = await stat(path);
  await host.commitElsewhere("main", "second.txt");
  await nextJob();
  const after = await stat(path);
  expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
  expect(existsSync(join(tree.folder, "second.txt"))).toBe(true);
});

test("nothing a job left in its repository runs or redirects anything in the next job", async ({
  expect,
}) => {
  const { nextJob, tree, inTree, folder, host } = await openKeptRig(files);
  await nextJob();
  const trap = join(folder, "trapped");
  const spring = `#!/bin/sh\ntouch ${trap}\n`;
  for (const hook of [
    "post-checkout",
    "pre-commit",
    "pre-push",
    "reference-transaction",
    "post-index-change",
  ]) {
    await writeFiles(tree.folder, { [`.git/hooks/${hook}`]: spring });
  }
  await writeFiles(folder, { "bin/trap": spring });
  const program = join(folder, "bin/trap");
  for (const [key, set] of [
    ["core.hooksPath", join(tree.folder, ".git/hooks")],
    ["core.fsmonitor", program],
    ["core.sshCommand", program],
    ["filter.trap.smudge", program],
    ["credential.helper", program],
    ["http.proxy", "http://127.0.0.1:9"],
    [`url.http://127.0.0.1:9/.insteadOf`, host.server.url],
    ["remote.origin.url", "http://127.0.0.1:9/thief.git"],
  ] as const) {
    await inTree("config", key, set);
  }
  await writeFiles(tree.folder, { ".git/info/attributes": "* filter=trap\n", ".git/info/exclude": "*\n" });
  await rm(trap, { force: true });
  await nextJob({ work: { kind: "create", newBranch: "cat/1" } });
  await writeFile(join(tree.folder, "src/a.js"), "edited\n");
  await inTree("commit", "-qam", "As an agent does");
  expect(existsSync(trap)).toBe(false);
  expect(await inTree("config", "--local", "remote.origin.url")).toBe(host.remote.url);
  expect(
    await inTree("config", "--local", "--get-regexp", "hook|fsmonitor|ssh|filter|helper|proxy|url\\.").catch(
      () => "",
    ),
  ).toBe("");
  expect(existsSync(join(tree.folder, ".git/hooks"))).toBe(false);
  expect(existsSync(join(tree.folder, ".git/info/attributes"))).toBe(false);
});

test("no repository that a job made in its tree is there for the next one", async ({ expect }) => {
  const { nextJob, tree, inTree, host } = await openKeptRig(files);
  const sub = { mode: "160000", path: "libs/sub" };
  await nextJob();
  await inTree("update-index", "--add", "--cacheinfo", `${sub.mode},${"1".repeat(40)},${sub.path}`);
  await inTree("commit", "-qm", "Add a submodule");
  await inTree("push", "-q", host.server.repositoryPath("octo", "app"), "HEAD:main");
  await nextJob();
  const config = "[core]\n\tfsmonitor = /bin/false\n";
  const homes = ["src", "libs/sub", "node_modules/lib", "vendored", "vendored/node_modules/lib"];
  for (const home of homes) {
    await writeFiles(tree.folder, { [`${home}/.git/config`]: config, [`${home}/.git/HEAD`]: "ref: x\n" });
    await writeFiles(tree.folder, { [`${home}/left.txt`]: "left\n" });
  }
  await writeFiles(tree.folder, { "src/deep/.git": "gitdir: /nowhere\n" });
  await nextJob();
  const { stdout } = await execa("find", [".", "-name", ".git"], { cwd: tree.folder });
  expect(stdout).toBe("./.git");
  expect(await inTree("status", "--porcelain", "--ignored")).toContain("!! node_modules/");
  expect(existsSync(join(tree.folder, "node_modules/lib/left.txt"))).toBe(true);
  expect(await readdir(join(tree.folder, "libs/sub"))).toEqual([]);
});

test("a link in place of the repository or of a file leads nowhere", async ({ expect }) => {
  const { nextJob, tree, folder } = await openKeptRig(files);
  await nextJob();
  await writeFiles(folder, { "outside/.git/keep": "mine\n", "outside/a.js": "mine\n" });
  const outside = join(folder, "outside");
  await rm(join(tree.folder, ".git"), { recursive: true });
  await symlink(join(outside, ".git"), join(tree.folder, ".git"));
  await rm(join(tree.folder, "src"), { recursive: true });
  await symlink(outside, join(tree.folder, "src"));
  await nextJob();
  expect(await readFile(join(outside, ".git/keep"), "utf8")).toBe("mine\n");
  expect(await readFile(join(outside, "a.js"), "utf8")).toBe("mine\n");
  expect(await readFile(join(tree.folder, "src/a.js"), "utf8")).toBe("a\n");
  await rm(tree.folder, { recursive: true });
  await symlink(outside, tree.folder);
  await nextJob();
  expect((await readdir(outside)).toSorted()).toEqual([".git", "a.js"]);
  expect(await readFile(join(tree.folder, "src/a.js"), "utf8")).toBe("a\n");
});

test("a tree in which git cannot clean up is made anew", async ({ expect }) => {
  const { nextJob, tree, inTree, folder } = await openKeptRig(files);
  await nextJob();
  await writeFiles(tree.folder, { "node_modules/lib.js": "lib\n" });
  // deeper than a path can say, below a folder that may not be written
  const script = `name=$(printf %0200d 0)
    cd "$1" && mkdir closed && cd closed
    for level in $(seq 40); do mkdir "$name" && cd -P "$name" || exit 1; done
    chmod 500 "$1/closed"`;
  await execa("bash", ["-c", script, "nest", tree.folder], { cwd: folder });
  await nextJob();
  expect((await readdir(tree.folder)).toSorted()).toEqual([".git", ".gitignore", "README.md", "src"]);
  expect(await inTree("status", "--porcelain", "--ignored")).toBe("");
});

test("a kept checkout has its branch and the base as the remote has them at that moment", async ({
  expect,
}) => {
  const { nextJob, inTree, host } = await openKeptRig();
  await host.commitElsewhere("feature", "feature.txt", "main");
  await nextJob({ branch: "feature", baseBranch: "main" });
  const feature = await host.commitElsewhere("feature", "more.txt");
  const base = await host.commitElsewhere("main", "base.txt");
  expect(await nextJob({ branch: "feature", baseBranch: "main" })).toBe(feature);
  expect(await inTree("rev-parse", "origin/main")).toBe(base);
  expect(await inTree("merge-base", "origin/main", "HEAD")).toBe(
    await host.inRepository("merge-base", "main", "feature"),
  );
});

test("a base that is not there does not end the job, and nothing stale stands for it", async ({ expect }) => {
  const { nextJob, inTree, host } = await openKeptRig();
  await host.commitElsewhere("old-base", "base.txt", "main");
  await nextJob({ baseBranch: "old-base" });
  await host.inRepository("branch", "-D", "old-base");
  await nextJob({ baseBranch: "old-base" });
  expect(await inTree("for-each-ref", "--format=%(refname)")).toBe(
    "refs/heads/main\nrefs/remotes/origin/main",
  );
});

test("a kept checkout begins the branches a clone would begin", async ({ expect }) => {
  const { nextJob, inTree, host } = await openKeptRig();
  const main = await host.inRepository("rev-parse", "main");
  expect(await nextJob({ work: { kind: "create", newBranch: "cat/1" } })).toBe(main);
  expect(await inTree("symbolic-ref", "--short", "HEAD")).toBe("cat/1");
  const work = await host.commitElsewhere("cat/1", "work.txt", "main");
  const base = await host.commitElsewhere("main", "base.txt");
  const start = await nextJob({ work: { kind: "resume", newBranch: "cat/1" } });
  expect(await inTree("symbolic-ref", "--short", "HEAD")).toBe("cat/1");
  expect(await inTree("rev-list", "--parents", "-n1", "HEAD")).toBe(`${start} ${work} ${base}`);
  expect(await nextJob()).toBe(base);
  expect(await inTree("status", "--short", "--branch")).toBe("## main...origin/main");
});

test("a kept checkout in full has every branch, tag and commit", async ({ expect }) => {
  const { nextJob, inTree, host } = await openKeptRig();
  await host.commitElsewhere("other", "other.txt", "main");
  await host.inRepository("tag", "v1", "main");
  await host.commitElsewhere("main", "second.txt");
  await nextJob({ isFull: true });
  expect(await inTree("for-each-ref", "--format=%(refname)")).toBe(
    ["refs/heads/main", "refs/remotes/origin/main", "refs/remotes/origin/other", "refs/tags/v1"].join("\n"),
  );
});

test("a branch that is not there is told in git's words, and the next job goes on", async ({ expect }) => {
  const { nextJob } = await openKeptRig();
  await nextJob();
  await expect(nextJob({ branch: "nope" })).rejects.toThrow(/^Command failed: git fetch .*nope/);
  expect(await nextJob()).toMatch(/^[0-9a-f]{40}$/);
});
