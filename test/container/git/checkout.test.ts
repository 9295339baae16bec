import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { execa } from "execa";
import { onTestFinished, test } from "vitest";
import { type CheckoutPlan, makeCheckout } from "../../../container/git/checkout.ts";
import { readRemoteBranch } from "../../../container/git/remote-branch.ts";
import { toRemote } from "../../../container/git/remote.ts";
import { type GitHost, ghToken, makeGit, runGit, startGitHost } from "../git-host.ts";
import { makeFolder } from "../job-folder.ts";
import { importSides } from "./merge-desk.ts";

function makePlan(folder: string, host: GitHost, plan: Partial<CheckoutPlan> = {}): CheckoutPlan {
  return {
    remote: host.remote,
    folder: join(folder, "checkout"),
    branch: "main",
    work: { kind: "branch-itself" },
    isFull: false,
    identity: { name: "holt[bot]", email: "holt[bot]@users.noreply.github.com" },
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    ...plan,
  };
}

test("a new work branch starts at the head of the cloned branch, in a shallow checkout", async ({
  expect,
}) => {
  const folder = await makeFolder();
  const host = await startGitHost(folder);
  const head = await host.commitElsewhere("main", "second.txt");
  const plan = makePlan(folder, host, { work: { kind: "create", newBranch: "cat/1" } });
  const made = await makeCheckout(await makeGit(folder), plan);
  expect(made).toEqual({ ok: true, value: { clonedCommit: head, startCommit: head } });
  const inside = (...args: string[]) => runGit(folder, "-C", plan.folder, ...args);
  expect(await inside("symbolic-ref", "--short", "HEAD")).toBe("cat/1");
  expect(await inside("rev-list", "--count", "HEAD")).toBe("1");
  expect(await inside("config", "--local", "user.name")).toBe("holt[bot]");
});

test("a full checkout has the whole history", async ({ expect }) => {
  const folder = await makeFolder();
  const host = await startGitHost(folder);
  await host.commitElsewhere("main", "second.txt");
  const plan = makePlan(folder, host, { isFull: true });
  await makeCheckout(await makeGit(folder), plan);
  expect(await runGit(folder, "-C", plan.folder, "rev-list", "--count", "HEAD")).toBe("2");
});

test.for([
  { kind: "branch-itself" },
  { kind: "create", newBranch: "cat/1" },
  { kind: "resume", newBranch: "cat/1" },
] as const)("a checkout in full can be compared with any branch and tag: $kind", async (work, { expect }) => {
  const folder = await makeFolder();
  const host = await startGitHost(folder);
  const fork = await host.inRepository("rev-parse", "main");
  await host.inRepository("tag", "v1", "main");
  await host.commitElsewhere("release", "release.txt", "main");
  if (work.kind === "resume") await host.commitElsewhere("cat/1", "work.txt", "main");
  await host.commitElsewhere("main", "second.txt");
  const plan = makePlan(folder, host, { isFull: true, work });
  expect((await makeCheckout(await makeGit(folder), plan)).ok).toBe(true);
  const inside = (...args: string[]) => runGit(folder, "-C", plan.folder, ...args);
  expect(await inside("merge-base", "HEAD", "origin/release")).toBe(fork);
  expect(await inside("rev-parse", "v1")).toBe(fork);
});

test("a resumed branch gets its base merged in where that is clean", async ({ expect }) => {
  const folder = await makeFolder();
  const host = await startGitHost(folder);
  const work = await host.commitElsewhere("cat/1", "work.txt", "main");
  const base = await host.commitElsewhere("main", "base.txt");
  const plan = makePlan(folder, host, { work: { kind: "resume", newBranch: "cat/1" } });
  const made = await makeCheckout(await makeGit(folder), plan);
  if (!made.ok) throw new Error(made.failure.text);
  expect(made.value.clonedCommit).toBe(work);
  const parents = await runGit(folder, "-C", plan.folder, "rev-list", "--parents", "-n1", "HEAD");
  expect(parents).toBe(`${made.value.startCommit} ${work} ${base}`);
});

test("a base that conflicts with a resumed branch is left alone", async ({ expect }) => {
  const folder = await makeFolder();
  const host = await startGitHost(folder);
  const start = await host.inRepository("rev-parse", "main");
  await host.commitElsewhere("main", "same.txt");
  const blob = await runGit(
    folder,
    "-C",
    host.server.repositoryPath("octo", "app"),
    "rev-parse",
    "main:README.md",
  );
  const tree = await execa("git", ["mktree"], {
    cwd: host.server.repositoryPath("octo", "app"),
    input: `100644 blob ${blob}\tsame.txt\n`,
  });
  const work = await host.inRepository("commit-tree", tree.stdout, "-p", start, "-m", "Conflict");
  await host.inRepository("update-ref", "refs/heads/cat/1", work);
  const plan = makePlan(folder, host, { work: { kind: "resume", newBranch: "cat/1" } });
  const made = await makeCheckout(await makeGit(folder), plan);
  expect(made).toEqual({ ok: true, value: { clonedCommit: work, startCommit: work } });
  expect(await runGit(folder, "-C", plan.folder, "status", "--porcelain")).toBe("");
});

test("a base that cannot be written to its end fails the checkout", async ({ expect }) => {
  const folder = await makeFolder();
  const host = await startGitHost(folder);
  await importSides(host.server.repositoryPath("octo", "app"), "refs/heads/main", {
    start: { "README.md": "hello\n" },
    branch: { "work.txt": "work\n" },
    base: { "README.md": "hello base\n", "z-large.txt": "0".repeat(4 * 1024 * 1024) },
  });
  // the kernel ends git in the middle of the large file, as a bound on its time would
  const bin = join(folder, "bin");
  await mkdir(bin);
  const path = process.env["PATH"] ?? "";
  await writeFile(join(bin, "git"), `#!/bin/sh\nulimit -f 2048\nPATH='${path}'\nexec git "$@"\n`);
  await chmod(join(bin, "git"), 0o755);
  const git = await makeGit(folder, { PATH: `${bin}:${path}` });
  const made = await makeCheckout(
    git,
    makePlan(folder, host, { work: { kind: "resume", newBranch: "cat/1" } }),
  );
  expect(made).toMatchObject({
    ok: false,
    failure: { cause: "git", text: expect.stringContaining("git was ended by SIGXFSZ") },
  });
});

test("a remote branch is found by its exact name only", async ({ expect }) => {
  const folder = await makeFolder();
  const host = await startGitHost(folder);
  const head = await host.commitElsewhere("cat/1", "work.txt", "main");
  // git matches by the tail of a ref, and this one's is the ref of a branch that is not there
  await host.inRepository("branch", "refs/heads/2", "main");
  const git = await makeGit(folder);
  const read = (branch: string) =>
    readRemoteBranch(git, { remote: host.remote, branch, cwd: folder, timeoutMs: 20_000 });
  expect(await read("cat/1")).toEqual({ ok: true, value: head });
  expect(await read("1")).toEqual({ ok: true, value: null });
  expect(await read("2")).toEqual({ ok: true, value: null });
});

test("the token is in no file of the job's folder", async ({ expect }) => {
  const folder = await makeFolder();
  const host = await startGitHost(folder);
  await makeCheckout(await makeGit(folder), makePlan(folder, host));
  const { exitCode } = await execa(
    "grep",
    ["-rqs", ghToken, join(folder, "checkout"), join(folder, "harness")],
    {
      reject: false,
    },
  );
  expect(exitCode).toBe(1);
});

test("what answers git's question for a token is made anew for each job", async ({ expect }) => {
  const folder = await makeFolder();
  const host = await startGitHost(folder);
  for (const job of ["first", "second"]) {
    const own = join(folder, job);
    expect(await makeCheckout(await makeGit(own), makePlan(own, host))).toMatchObject({ ok: true });
    await rm(own, { recursive: true });
  }
});

test("while git fetches, the token is in no argument and no environment", async ({ expect }) => {
  const folder = await makeFolder();
  const host = await startGitHost(folder);
  const git = await makeGit(folder);
  const hold = host.server.hold("fetch");
  const cloning = makeCheckout(git, makePlan(folder, host));
  await hold.held;
  const [session] = git.sessions();
  const { stdout: pids } = await execa("sh", [
    "-c",
    `grep -l "" /proc/[0-9]*/stat 2>/dev/null | cut -d/ -f3`,
  ]);
  const ofGit: string[] = [];
  for (const pid of pids.split("\n")) {
    const read = (name: string) => readFile(`/proc/${pid}/${name}`, "latin1").catch(() => "");
    const [stat, environ, cmdline] = await Promise.all([read("stat"), read("environ"), read("cmdline")]);
    if (stat.split(" ")[5] === String(session)) ofGit.push(environ + cmdline);
  }
  hold.release();
  expect((await cloning).ok).toBe(true);
  expect(ofGit.length).toBeGreaterThan(1);
  expect(ofGit.join("")).not.toContain(ghToken);
});

test("a clone that takes too long says that it timed out", async ({ expect }) => {
  const folder = await makeFolder();
  const host = await startGitHost(folder);
  host.server.hold("fetch");
  const made = await makeCheckout(await makeGit(folder), makePlan(folder, host, { timeoutMs: 300 }));
  expect(made).toMatchObject({ ok: false, failure: { cause: "git" } });
  expect(made).toHaveProperty(
    "failure.text",
    expect.stringMatching(/^Command failed: git clone .*\ngit timed out after 0.3s/),
  );
});

test("a branch that is not there is told in git's words", async ({ expect }) => {
  const folder = await makeFolder();
  const host = await startGitHost(folder);
  const made = await makeCheckout(await makeGit(folder), makePlan(folder, host, { branch: "nope" }));
  expect(made).toHaveProperty(
    "failure.text",
    expect.stringMatching(/^Command failed: git clone .*--branch nope/),
  );
  expect(made).toHaveProperty(
    "failure.text",
    expect.stringContaining("Remote branch nope not found in upstream origin"),
  );
});

test("objects that git's check refuses are not fetched, merely old ones are", async ({ expect }) => {
  const folder = await makeFolder();
  const host = await startGitHost(folder);
  const git = await makeGit(folder);
  const blob = Buffer.from(await host.inRepository("rev-parse", "main:README.md"), "hex");
  const cloneOf = async (branch: string, entries: readonly string[]) => {
    const raw = join(folder, `${branch}.tree`);
    await writeFile(raw, Buffer.concat(entries.flatMap((entry) => [Buffer.from(`${entry}\0`), blob])));
    const tree = await host.inRepository("hash-object", "-w", "-t", "tree", "--literally", raw);
    const commit = await host.inRepository("commit-tree", "-m", branch, tree);
    await host.inRepository("branch", branch, commit);
    const plan = makePlan(folder, host, { branch, folder: join(folder, branch) });
    return makeCheckout(git, plan);
  };
  expect(await cloneOf("unsorted", ["100644 b", "100644 a"])).toHaveProperty(
    "failure.text",
    expect.stringContaining("treeNotSorted"),
  );
  expect(await cloneOf("padded", ["0100644 a"])).toMatchObject({ ok: true });
});

test("a server that sends git elsewhere does not get the token there", async ({ expect }) => {
  const folder = await makeFolder();
  const host = await startGitHost(folder);
  const seen: Array<string | undefined> = [];
  const thief = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
  });
  await new Promise<void>((resolve) => thief.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void thief.close());
  const address = thief.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const redirecting = createServer((request, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:${port}${request.url}` }).end();
  });
  await new Promise<void>((resolve) => redirecting.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void redirecting.close());
  const from = redirecting.address();
  const remote = toRemote(
    `http://127.0.0.1:${typeof from === "object" ? from?.port : 0}/octo/app.git`,
    ghToken,
  );
  if (remote === null) throw new Error("no remote");
  const made = await makeCheckout(await makeGit(folder), makePlan(folder, host, { remote }));
  expect(made.ok).toBe(false);
  expect(seen).toEqual([undefined]);
});
