import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect as assert, test } from "vitest";
import { type Step, type Workspace, type WorkspaceOptions, openWorkspace } from "../../../container/embed.ts";
import { type GitHost, ghToken, loseAnswers, runGit, startGitHost } from "../git-host.ts";
import { makeFolder } from "../job-folder.ts";

const identity = { name: "Embedder", email: "embedder@example.invalid" };

async function openRig() {
  const folder = await makeFolder();
  const host = await startGitHost(folder);
  let count = 0;
  const open = async ({ newBranch = "work/1", ...more }: Partial<WorkspaceOptions> = {}): Promise<
    Step<Workspace>
  > => {
    count += 1;
    const place = join(folder, `workspace-${count}`);
    await mkdir(place);
    return openWorkspace({
      folder: place,
      cloneUrl: host.cloneUrl,
      token: ghToken,
      branch: "main",
      newBranch,
      identity,
      env: process.env,
      ...more,
    });
  };
  return { folder, host, open };
}

function valueOf<Value>(step: Step<Value>): Value {
  assert(step).toMatchObject({ ok: true });
  if (!step.ok) throw new Error(step.failure.text);
  return step.value;
}

const refsAt = ({ inRepository }: GitHost): Promise<string> => inRepository("for-each-ref");

test("edits that nobody committed are saved and pushed to a new branch", async ({ expect }) => {
  const { host, open } = await openRig();
  const workspace = valueOf(await open());
  expect(workspace).toMatchObject({
    branch: "work/1",
    startCommit: await host.inRepository("rev-parse", "main"),
  });
  await writeFile(join(workspace.checkout, "README.md"), "hello, world\n");
  await writeFile(join(workspace.checkout, "stray.txt"), "x\n");
  const saved = valueOf(await workspace.save("Greet the world"));
  expect(saved).toMatchObject({ leftBehind: [], untracked: { count: 1, first: ["stray.txt"] } });
  expect(await host.inRepository("branch", "--list", "work/1")).toBe("");
  valueOf(await workspace.push(saved.commit ?? ""));
  valueOf(await workspace.push(saved.commit ?? ""));
  expect(host.server.pushes()).toHaveLength(1);
  expect(await host.inRepository("log", "-1", "--format=%H %s %an", "work/1")).toBe(
    `${saved.commit} Greet the world Embedder`,
  );
});

test("of an agent that failed only what it committed is found", async ({ expect }) => {
  const { folder, open } = await openRig();
  const { checkout, save } = valueOf(await open());
  await writeFile(join(checkout, "README.md"), "half\n");
  expect(valueOf(await save(null))).toMatchObject({ commit: null });
  await runGit(folder, "-C", checkout, "commit", "-q", "-a", "-m", "Half");
  await writeFile(join(checkout, "README.md"), "half edited\n");
  const committed = await runGit(folder, "-C", checkout, "rev-parse", "HEAD");
  expect(valueOf(await save(null)).commit).toBe(committed);
});

test("a checkout without changes has no work, and nothing is pushed", async ({ expect }) => {
  const { host, open } = await openRig();
  const before = await refsAt(host);
  expect(valueOf(await valueOf(await open()).save("Nothing"))).toMatchObject({ commit: null });
  expect(await refsAt(host)).toBe(before);
});

test("a branch that the remote has is resumed, and its base merged in", async ({ expect }) => {
  const { host, open } = await openRig();
  await host.commitElsewhere("work/1", "earlier.txt", "main");
  await host.commitElsewhere("main", "base.txt");
  const { checkout, save, push } = valueOf(await open());
  for (const name of ["earlier.txt", "base.txt"]) await access(join(checkout, name));
  await writeFile(join(checkout, "earlier.txt"), "later\n");
  valueOf(await push(valueOf(await save("Go on")).commit ?? ""));
  expect(await host.inRepository("show", "work/1:earlier.txt")).toBe("later");
});

test("a branch that somebody else moved is left as they left it", async ({ expect }) => {
  const { host, open } = await openRig();
  const { checkout, save, push } = valueOf(await open({ newBranch: "main" }));
  await host.commitElsewhere("main", "theirs.txt");
  const before = await refsAt(host);
  await writeFile(join(checkout, "README.md"), "ours\n");
  expect(await push(valueOf(await save("Ours")).commit ?? "")).toMatchObject({
    ok: false,
    failure: { cause: "branch-contended" },
  });
  expect(await refsAt(host)).toBe(before);
});

/** Saves the one edit of a checkout, which no commit of its own goes on from, as one commit after the other. */
const saver =
  ({ checkout, save }: Workspace) =>
  async (content: string): Promise<string> => {
    await writeFile(join(checkout, "README.md"), content);
    return valueOf(await save("Edit")).commit ?? "";
  };

test("what was pushed without an answer is replaced by what it was rewritten to", async ({ expect }) => {
  const { host, open } = await openRig();
  const workspace = valueOf(await open());
  const edit = saver(workspace);
  const answer = await loseAnswers(host);
  const first = await edit("one\n");
  expect(await workspace.push(first)).toMatchObject({ ok: false, failure: { cause: "git" } });
  await answer();
  expect(await host.inRepository("rev-parse", "work/1")).toBe(first);
  valueOf(await workspace.push(await edit("two\n")));
  expect(await host.inRepository("show", "work/1:README.md")).toBe("two");
});

test("a branch that somebody else put back to what was pushed before is left as they left it", async ({
  expect,
}) => {
  const { host, open } = await openRig();
  const workspace = valueOf(await open());
  const edit = saver(workspace);
  const first = await edit("one\n");
  valueOf(await workspace.push(first));
  valueOf(await workspace.push(await edit("two\n")));
  await host.inRepository("branch", "-f", "work/1", first);
  expect(await workspace.push(await edit("three\n"))).toMatchObject({
    ok: false,
    failure: { cause: "branch-contended" },
  });
  expect(await host.inRepository("rev-parse", "work/1")).toBe(first);
});

test("what a repository has been set up to run at a commit or a push does not run", async ({ expect }) => {
  const { folder, open } = await openRig();
  const { checkout, save, push } = valueOf(await open());
  const trap = join(folder, "sprung");
  const hooks = join(checkout, ".git", "hooks");
  await mkdir(hooks, { recursive: true });
  for (const hook of ["pre-commit", "pre-push", "post-commit"]) {
    await writeFile(join(hooks, hook), `#!/bin/sh\ntouch ${trap}\n`, { mode: 0o755 });
  }
  await writeFile(join(checkout, "README.md"), "edited\n");
  valueOf(await push(valueOf(await save("Edit")).commit ?? ""));
  await expect(access(trap)).rejects.toThrow("ENOENT");
  // the trap does work
  await writeFile(join(checkout, "README.md"), "again\n");
  await runGit(
    folder,
    "-C",
    checkout,
    "-c",
    "core.hooksPath=.git/hooks",
    "commit",
    "-q",
    "-a",
    "-m",
    "by hand",
  );
  await access(trap);
});

test("a clone that fails is a value without the token", async ({ expect }) => {
  const { open } = await openRig();
  const missing = await open({ branch: "nope", newBranch: "nope" });
  expect(missing).toMatchObject({ ok: false, failure: { cause: "git" } });
  expect(JSON.stringify(missing)).not.toContain(ghToken);
  expect(await open({ cloneUrl: "file:///etc" })).toMatchObject({ ok: false, failure: { cause: "git" } });
});

test("an aborted workspace pushes nothing", async ({ expect }) => {
  const { host, open } = await openRig();
  const over = new AbortController();
  const { checkout, save, push } = valueOf(await open({ signal: over.signal }));
  await writeFile(join(checkout, "README.md"), "edited\n");
  const { commit } = valueOf(await save("Edit"));
  const before = await refsAt(host);
  over.abort();
  expect(await push(commit ?? "")).toMatchObject({ ok: false });
  expect(await refsAt(host)).toBe(before);
});
