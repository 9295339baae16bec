import { chmod, link, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { runGit } from "../git-host.ts";
import { openBootstrap } from "../flows/bootstrap-studio.ts";
import { openMergeJob, resolve } from "../flows/merge-studio.ts";
import { type Studio, openStudio } from "../flows/studio.ts";
import { makeFolder } from "../job-folder.ts";
import { account, canSwitch } from "./account.ts";

const secret = "TOPSECRET-of-root";

/** A repository and a file that nobody but root can read. */
async function makePrivate() {
  const base = await makeFolder();
  const folder = join(base, "private");
  await mkdir(folder);
  const file = join(folder, "file");
  await writeFile(file, `${secret}=abc\n`, { mode: 0o600 });
  const repository = join(folder, "r.git");
  await runGit(base, "init", "-q", "--bare", "-b", "main", repository);
  const tree = await runGit(base, "-C", repository, "hash-object", "-w", "-t", "tree", "/dev/null");
  const commit = await runGit(base, "-C", repository, "commit-tree", "-m", secret, tree);
  await runGit(base, "-C", repository, "update-ref", "refs/heads/main", commit);
  await chmod(folder, 0o700);
  return { file, repository, commit };
}

/** All that a job told, and all that was pushed. */
async function everythingOf(studio: Studio): Promise<string> {
  const terminal = await studio.run();
  const told = JSON.stringify([terminal, studio.recording.reported]);
  return told + (await studio.host.inRepository("log", "-p", "-m", "--all"));
}

test.skipIf(!canSwitch)(
  "objects of a repository that only root can read are not pushed, whatever the checkout's git points at",
  async ({ expect }) => {
    const { repository, commit } = await makePrivate();
    const studio = await openStudio({
      user: account,
      agent: `
echo ${repository}/objects > .git/objects/info/alternates
rm -f .git/refs/heads/cat/1; ln -s ${repository}/refs/heads/main .git/refs/heads/cat/1
say ok`,
    });
    expect(await everythingOf(studio)).not.toContain(secret);
    const known = await openStudio({
      user: account,
      agent: `
echo ${repository}/objects > .git/objects/info/alternates
echo ${commit} > .git/refs/heads/cat/1
say ok`,
    });
    expect(await everythingOf(known)).not.toContain(secret);
  },
);

for (const path of ["packed-refs", "HEAD", "config", "shallow", "index"]) {
  test.skipIf(!canSwitch)(
    `nothing of a file that only root can read is told where .git/${path} is a link to it`,
    async ({ expect }) => {
      const { file } = await makePrivate();
      const studio = await openStudio({
        user: account,
        agent: `commit work.txt; echo edited > README.md; rm -f .git/${path}; ln -s ${file} .git/${path}; say ok`,
      });
      expect(await everythingOf(studio)).not.toContain(secret);
    },
  );
}

/** Puts another name of root's file into the checkout; where the kernel protects links no agent could. */
async function linkIntoCheckout(studio: Studio, file: string): Promise<string> {
  const running = everythingOf(studio);
  await studio.recording.waitFor((reported) => reported.kind === "output");
  await link(file, join(studio.folder, "job", "checkout", "theirs.txt"));
  await studio.letGo();
  return running;
}

const files = { "README.md": "hello\n", "theirs.txt": "as it was\n" };

test.skipIf(!canSwitch)(
  "uncommitted edits are read with the agent's rights, and a file it could not read itself stays out",
  async ({ expect }) => {
    const { file } = await makePrivate();
    const studio = await openStudio({
      user: account,
      files,
      agent: "echo edited > README.md; rm theirs.txt; say waiting; wait_for_go; say ok",
    });
    expect(await linkIntoCheckout(studio, file)).not.toContain(secret);
    expect(await studio.host.inRepository("show", "cat/1:README.md")).toBe("edited");
  },
);

test.skipIf(!canSwitch)(
  "a merge that the harness completes is read with the agent's rights",
  async ({ expect }) => {
    const { file } = await makePrivate();
    const studio = await openMergeJob({
      user: account,
      agent: `${resolve}; git add README.md; echo x > theirs.txt; git add theirs.txt; rm theirs.txt; say waiting; wait_for_go; say ok`,
    });
    expect(await linkIntoCheckout(studio, file)).not.toContain(secret);
  },
);

test.skipIf(!canSwitch)("a new repository is read with the agent's rights", async ({ expect }) => {
  const { file } = await makePrivate();
  const studio = await openBootstrap({
    user: account,
    fromScratch: true,
    agent: "echo made > made.txt; say waiting; wait_for_go; say ok",
  });
  await linkIntoCheckout(studio, file);
  expect(await studio.inTarget("log", "-p", "--all")).not.toContain(secret);
  expect(await studio.filesOfTarget()).toEqual(["made.txt"]);
});
