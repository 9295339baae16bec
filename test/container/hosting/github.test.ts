import { onTestFinished, test } from "vitest";
import { type PullRequest, openPullRequest } from "../../../container/hosting/github.ts";
import { type GitHub, startGitHub } from "../../../local/github/github.ts";
import { listenOnLoopback } from "../../../local/http-server.ts";
import { ghToken, startGitHost } from "../git-host.ts";
import { makeFolder } from "../job-folder.ts";
import { json, makeDeps, startServer } from "./rig.ts";

const makePull = (apiBase: string, given: Partial<PullRequest> = {}): PullRequest => ({
  apiBase,
  token: ghToken,
  owner: "octo",
  repo: "app",
  title: "T",
  body: "B",
  head: "cat/1",
  base: "main",
  ...given,
});

const openedAnswer = { status: 201, headers: json, body: '{"html_url":"https://gh/pr/1"}' };
const existsAnswer = {
  status: 422,
  headers: json,
  body: '{"errors":[{"message":"A pull request already exists for octo:cat/1."}]}',
};

async function startHosting(): Promise<GitHub> {
  const host = await startGitHost(await makeFolder());
  await host.commitElsewhere("cat/1", "work.txt", "main");
  const github = await startGitHub({ token: ghToken, git: host.server, log: () => undefined });
  onTestFinished(() => github.close());
  return github;
}

test("a pull request is opened and its address returned", async ({ expect }) => {
  const github = await startHosting();
  const opened = await openPullRequest(makePull(`${github.url}/`), makeDeps());
  expect(opened).toEqual({ ok: true, value: `${github.url}/octo/app/pull/1` });
});

test("the request is what GitHub's own clients send", async ({ expect }) => {
  const server = await startServer(openedAnswer);
  await openPullRequest(makePull(server.url), makeDeps());
  const [sent] = server.seen;
  expect(sent).toMatchObject({
    method: "POST",
    url: "/repos/octo/app/pulls",
    headers: {
      authorization: `Bearer ${ghToken}`,
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
    },
  });
  expect(JSON.parse(sent?.body ?? "")).toEqual({ title: "T", head: "cat/1", base: "main", body: "B" });
});

test("a pull request that is open already is found", async ({ expect }) => {
  const github = await startHosting();
  const first = await openPullRequest(makePull(github.url), makeDeps());
  expect(await openPullRequest(makePull(github.url, { title: "Again" }), makeDeps())).toEqual(first);
  expect(github.pulls()).toHaveLength(1);
});

test("an error while the open pull request is looked for is a failure of the API", async ({ expect }) => {
  const broken = await startServer(existsAnswer, { status: 503, body: "down" });
  expect(await openPullRequest(makePull(broken.url), makeDeps())).toEqual({
    ok: false,
    failure: { cause: "api", text: "Failed to open PR (HTTP 503): down" },
  });
  const gone: typeof fetch = (input, init) =>
    init?.method === "GET"
      ? Promise.reject(new TypeError("fetch failed", { cause: new Error("socket hang up") }))
      : fetch(input, init);
  const cutOff = await startServer(existsAnswer);
  expect(await openPullRequest(makePull(cutOff.url), makeDeps({ fetch: gone }))).toMatchObject({
    ok: false,
    failure: { cause: "api" },
  });
});

test("a pull request that exists and is not to be found is told with the refusal", async ({ expect }) => {
  const server = await startServer(existsAnswer, { status: 200, headers: json, body: "[]" });
  expect(await openPullRequest(makePull(server.url), makeDeps())).toMatchObject({
    ok: false,
    failure: { cause: "api", text: expect.stringContaining("Failed to open PR (HTTP 422): ") },
  });
});

test("a server in trouble is asked three times, with growing waits", async ({ expect }) => {
  const github = await startHosting();
  github.failNext({ status: 502, times: 2 });
  const deps = makeDeps();
  expect((await openPullRequest(makePull(github.url), deps)).ok).toBe(true);
  expect(deps.waits).toEqual([500, 1_000]);
});

test("a refusal is told with its status and text, cut after redaction, and not repeated", async ({
  expect,
}) => {
  const server = await startServer({ status: 403, body: `${"x".repeat(290)} ${ghToken} end` });
  const opened = await openPullRequest(makePull(server.url), makeDeps());
  expect(opened).toEqual({
    ok: false,
    failure: { cause: "api", text: `Failed to open PR (HTTP 403): ${"x".repeat(290)} *** end` },
  });
  expect(server.seen).toHaveLength(1);
  const long = await startServer({ status: 403, body: `${ghToken} ${"x".repeat(400)}` });
  expect(await openPullRequest(makePull(long.url), makeDeps())).toHaveProperty(
    "failure.text",
    `Failed to open PR (HTTP 403): *** ${"x".repeat(296)}`,
  );
});

test("a server that stays in trouble is told with its last answer", async ({ expect }) => {
  const server = await startServer({ status: 500, body: "boom" });
  expect(await openPullRequest(makePull(server.url), makeDeps())).toEqual({
    ok: false,
    failure: { cause: "api", text: "Failed to open PR (HTTP 500): boom" },
  });
  expect(server.seen).toHaveLength(3);
});

test("a server that cannot be reached is a failure of the API", async ({ expect }) => {
  const server = await listenOnLoopback(() => undefined);
  await server.close();
  const deps = makeDeps();
  const opened = await openPullRequest(makePull(server.url), deps);
  expect(opened).toMatchObject({
    ok: false,
    failure: { cause: "api", text: expect.stringContaining("ECONNREFUSED") },
  });
  expect(deps.waits).toEqual([500, 1_000]);
});

test("a redirect is not followed, so the token stays with the host it is for", async ({ expect }) => {
  const elsewhere = await startServer(openedAnswer);
  const server = await startServer({ status: 307, headers: { location: elsewhere.url } });
  const opened = await openPullRequest(makePull(server.url), makeDeps());
  expect(opened).toMatchObject({ ok: false, failure: { cause: "api" } });
  expect(elsewhere.seen).toEqual([]);
});

test("an answer without an address is a failure, whatever its status", async ({ expect }) => {
  const server = await startServer({ ...openedAnswer, body: '{"html_url":"javascript:alert(1)"}' });
  expect(await openPullRequest(makePull(server.url), makeDeps())).toEqual({
    ok: false,
    failure: { cause: "api", text: "GitHub did not return a PR url" },
  });
});

test("an aborted call is not repeated", async ({ expect }) => {
  const stop = new AbortController();
  const server = await listenOnLoopback(() => stop.abort());
  onTestFinished(() => server.close());
  const deps = makeDeps({ signal: stop.signal });
  expect(await openPullRequest(makePull(server.url), deps)).toMatchObject({
    ok: false,
    failure: { cause: "api" },
  });
  expect(deps.waits).toEqual([]);
});
