import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { describe } from "vitest";
import { startGitServer } from "../../../local/git-server/git-server.ts";
import type { GitClient } from "./fixtures.ts";
import { clientEnvironment, test, token, withCredentials } from "./fixtures.ts";

const zeros = "0".repeat(40);

/** A shallow clone on a work branch with one commit more. */
async function cloneAndCommit(git: GitClient, folder: string, url: string): Promise<string> {
  const checkout = join(folder, "checkout");
  await git.run(folder, ["clone", "--quiet", "--depth", "1", withCredentials(url), checkout]);
  await git.run(checkout, ["checkout", "--quiet", "-b", "work"]);
  await commitFile(git, checkout, "note.txt", "one");
  return checkout;
}

async function commitFile(
  git: GitClient,
  checkout: string,
  name: string,
  content: string | Buffer,
): Promise<void> {
  await writeFile(join(checkout, name), content);
  await git.run(checkout, ["add", name]);
  await git.run(checkout, ["commit", "--quiet", "-m", name]);
}

test("a shallow clone is pushed as a new branch, and the push names the refs it changed", async ({
  expect,
  folder,
  git,
  sample,
  server,
}) => {
  const checkout = await cloneAndCommit(git, folder, sample.cloneUrl);
  const pushed = server.waitForPush(({ updates }) => updates.some(({ ref }) => ref === "refs/heads/work"));
  await git.run(checkout, ["push", "--quiet", "origin", "work"]);
  const head = await git.run(checkout, ["rev-parse", "HEAD"]);
  expect(await pushed).toEqual({
    owner: "holt",
    name: "sample",
    updates: [{ ref: "refs/heads/work", before: zeros, after: head }],
    credentials: { user: "x-access-token", password: token },
  });
  expect(await server.branch("holt", "sample", "work")).toBe(head);
  expect(await server.commitsBetween("holt", "sample", { base: "main", head: "work" })).toBe(1);
});

test("a push that is up to date is no push", async ({ expect, folder, git, sample, server }) => {
  const checkout = await cloneAndCommit(git, folder, sample.cloneUrl);
  await git.run(checkout, ["push", "--quiet", "origin", "work"]);
  await git.run(checkout, ["push", "--quiet", "origin", "work"]);
  expect(server.pushes()).toHaveLength(1);
});

test("a push larger than the client's buffer arrives in chunks", async ({
  expect,
  folder,
  git,
  sample,
  server,
}) => {
  const checkout = await cloneAndCommit(git, folder, sample.cloneUrl);
  await commitFile(git, checkout, "large.bin", randomBytes(8_000_000));
  await git.run(checkout, ["-c", "http.postBuffer=65536", "push", "--quiet", "origin", "work"]);
  expect(await server.branch("holt", "sample", "work")).toBe(await git.run(checkout, ["rev-parse", "HEAD"]));
});

test("a fetch with a compressed request body is understood", async ({ expect, folder, git, sample }) => {
  const checkout = await cloneAndCommit(git, folder, sample.cloneUrl);
  // Many known commits make the list of `have` lines long enough for git to compress it.
  for (let number = 0; number < 40; number += 1) {
    await git.run(checkout, ["commit", "--quiet", "--allow-empty", "-m", String(number)]);
  }
  const other = join(folder, "other");
  await git.run(folder, ["clone", "--quiet", withCredentials(sample.cloneUrl), other]);
  await commitFile(git, other, "other.txt", "two");
  await git.run(other, ["push", "--quiet", "origin", "HEAD:other"]);
  const trace = { GIT_TRACE_CURL: join(folder, "trace"), GIT_TRACE_CURL_NO_DATA: "1" };
  await git.run(checkout, ["fetch", "--quiet", "origin", "other"], trace);
  expect(await git.run(checkout, ["rev-parse", "FETCH_HEAD"])).toBe(
    await git.run(other, ["rev-parse", "HEAD"]),
  );
  expect(await readFile(trace.GIT_TRACE_CURL, "utf8")).toContain("Content-Encoding: gzip");
});

describe("credentials", () => {
  test("a request without them is asked for them, and both are recorded", async ({
    expect,
    folder,
    git,
    sample,
    server,
  }) => {
    await git.run(folder, ["ls-remote", withCredentials(sample.cloneUrl)]);
    const seen = server.requests().map(({ credentials }) => credentials?.password);
    expect(seen.slice(0, 2)).toEqual([undefined, token]);
  });

  test("a token counts whoever it is said to belong to, where that is asked for", async ({
    expect,
    folder,
    git,
    sample,
    server,
  }) => {
    const as = (url: string, user: string, password = token): string =>
      url.replace("http://", `http://${user}:${password}@`);
    expect(await git.fail(folder, ["ls-remote", as(sample.cloneUrl, "somebody")])).toContain(
      "Authentication failed",
    );
    const root = dirname(dirname(server.repositoryPath("holt", "sample")));
    const lenient = await startGitServer({ root, token, takesAnyUser: true, log: () => undefined });
    const url = lenient.repositoryUrl("holt", "sample");
    expect(await git.run(folder, ["ls-remote", as(url, "somebody")])).toContain("refs/heads/main");
    expect(await git.fail(folder, ["ls-remote", as(url, "somebody", "another")])).toContain(
      "Authentication failed",
    );
    await lenient.close();
  });

  test("a wrong token reads nothing and writes nothing", async ({ expect, folder, git, sample, server }) => {
    const checkout = await cloneAndCommit(git, folder, sample.cloneUrl);
    const url = withCredentials(sample.cloneUrl, "another");
    expect(await git.fail(folder, ["ls-remote", url])).toContain("Authentication failed");
    expect(await git.fail(checkout, ["push", url, "work"])).toContain("Authentication failed");
    expect(server.pushes()).toEqual([]);
    expect(await server.branch("holt", "sample", "work")).toBeUndefined();
  });

  test("a path outside of the served repositories is not found", async ({ expect, server, sample }) => {
    const authorization = `Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;
    for (const path of [
      "/",
      "/holt/none.git/info/refs?service=git-upload-pack",
      "/holt/sample.git/HEAD",
      "/..%2f/x/info/refs",
    ]) {
      const response = await fetch(server.url + path, { headers: { authorization } });
      expect([path, response.status]).toEqual([path, 404]);
    }
    expect(sample.name).toBe("sample");
  });
});

describe("a remote that refuses", () => {
  test("declines a push in its hook's words, and takes it once the refusal is lifted", async ({
    expect,
    folder,
    git,
    sample,
    server,
  }) => {
    const checkout = await cloneAndCommit(git, folder, sample.cloneUrl);
    const lift = server.refuse("push", { kind: "declined", reason: "this branch is protected" });
    const stderr = await git.fail(checkout, ["push", "origin", "work"]);
    expect(stderr).toContain("remote: this branch is protected");
    expect(stderr).toContain("pre-receive hook declined");
    expect(server.pushes()).toEqual([]);
    expect(await server.branch("holt", "sample", "work")).toBeUndefined();
    lift();
    await git.run(checkout, ["push", "--quiet", "origin", "work"]);
    expect(server.pushes()).toHaveLength(1);
  });

  test.for([
    ["unauthorized", "Authentication failed"],
    ["forbidden", "403"],
    ["server-error", "500"],
    ["hang-up", "Empty reply from server"],
  ] as const)(
    "answers %s while fetches go on",
    async ([kind, words], { expect, folder, git, sample, server }) => {
      const checkout = await cloneAndCommit(git, folder, sample.cloneUrl);
      server.refuse("push", { kind });
      expect(await git.fail(checkout, ["push", "origin", "work"])).toContain(words);
      await git.run(checkout, ["fetch", "--quiet", "origin", "main"]);
      expect(server.pushes()).toEqual([]);
    },
  );
});

describe("a held request", () => {
  test("goes on when it is released", async ({ expect, folder, git, sample, server }) => {
    const checkout = await cloneAndCommit(git, folder, sample.cloneUrl);
    const hold = server.hold("push");
    const push = git.run(checkout, ["push", "--quiet", "origin", "work"]);
    await hold.held;
    expect(await server.branch("holt", "sample", "work")).toBeUndefined();
    hold.release();
    await push;
    expect(server.pushes()).toHaveLength(1);
  });

  test("is refused when a refusal was ordered meanwhile", async ({ expect, folder, git, sample, server }) => {
    const checkout = await cloneAndCommit(git, folder, sample.cloneUrl);
    const hold = server.hold("push");
    const push = git.fail(checkout, ["push", "origin", "work"]);
    await hold.held;
    server.refuse("push", { kind: "server-error" });
    hold.release();
    expect(await push).toMatch(/500/);
    expect(await server.branch("holt", "sample", "work")).toBeUndefined();
  });

  test("whose client dies in the middle of a push changes nothing and leaves no git behind", async ({
    expect,
    folder,
    git,
    sample,
    server,
  }) => {
    const checkout = await cloneAndCommit(git, folder, sample.cloneUrl);
    // More than sockets buffer: while it is held, the server has not read all of it.
    await commitFile(git, checkout, "large.bin", randomBytes(16_000_000));
    const hold = server.hold("push");
    const push = execa("git", ["-c", "http.postBuffer=65536", "push", "origin", "work"], {
      cwd: checkout,
      detached: true,
      reject: false,
      env: clientEnvironment(folder),
    });
    await hold.held;
    // The group: what talks to the server is a child of git.
    process.kill(-Number(push.pid), "SIGKILL");
    await push;
    hold.release();
    // Closing waits for every request, so that what a leftover git would have done shows here.
    await server.close();
    expect(server.pushes()).toEqual([]);
    expect(await server.branch("holt", "sample", "work")).toBeUndefined();
  });

  test("ends when the server closes", async ({ expect, folder, git, sample, server }) => {
    const checkout = await cloneAndCommit(git, folder, sample.cloneUrl);
    const hold = server.hold("push");
    const push = git.fail(checkout, ["push", "origin", "work"]);
    await hold.held;
    await server.close();
    expect(await push).not.toBe("");
    expect(server.pushes()).toEqual([]);
  });
});

test("a repository is not made twice", async ({ expect, folder, server, sample }) => {
  await expect(server.createRepository(sample.owner, sample.name, folder, "main")).rejects.toThrow("already");
});
