import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { onTestFinished, test } from "vitest";
import { type GithubDeps, type PullRequest, openPullRequest } from "../../../container/hosting/github.ts";
import { type GitHub, startGitHub } from "../../../local/github/github.ts";
import { listenOnLoopback } from "../../../local/http-server.ts";
import { ghToken, startGitHost } from "../git-host.ts";
import { makeFolder, realClock } from "../job-folder.ts";

function makeDeps(given: Partial<GithubDeps> = {}): GithubDeps & { readonly waits: readonly number[] } {
  const waits: number[] = [];
  return {
    waits,
    fetch,
    redact: (text) => text.replaceAll(ghToken, "***"),
    signal: new AbortController().signal,
    clock: {
      now: () => Date.parse("2026-11-22T12:00:00Z"),
      sleep: (ms, signal) => {
        // the limit of one call is not a wait between two
        if (ms === 30_000) return realClock.sleep(ms, signal);
        waits.push(ms);
        return Promise.resolve();
      },
    },
    ...given,
  };
}

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

async function startHosting(): Promise<GitHub> {
  const host = await startGitHost(await makeFolder());
  await host.commitElsewhere("cat/1", "work.txt", "main");
  const github = await startGitHub({ token: ghToken, git: host.server, log: () => undefined });
  onTestFinished(() => github.close());
  return github;
}

/** A server that answers every request alike and remembers the requests. */
async function startServer(status: number, headers: Readonly<Record<string, string>>, body: string) {
  const seen: Array<{ method: string; url: string; headers: object; body: string }> = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "", url = "", headers: received } = request;
    seen.push({ method, url, headers: received, body: await text(request) });
    response.writeHead(status, headers).end(body);
  };
  const server = await listenOnLoopback((request, response) => void answer(request, response));
  onTestFinished(() => server.close());
  return { url: server.url, seen };
}

test("a pull request is opened and its address returned", async ({ expect }) => {
  const github = await startHosting();
  const opened = await openPullRequest(makePull(`${github.url}/`), makeDeps());
  expect(opened).toEqual({ ok: true, value: `${github.url}/octo/app/pull/1` });
});

test("the request is what GitHub's own clients send", async ({ expect }) => {
  const server = await startServer(
    201,
    { "content-type": "application/json" },
    '{"html_url":"https://gh/pr/1"}',
  );
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

test("a server in trouble is asked three times, with growing waits", async ({ expect }) => {
  const github = await startHosting();
  github.failNext({ status: 502, times: 2 });
  const deps = makeDeps();
  expect((await openPullRequest(makePull(github.url), deps)).ok).toBe(true);
  expect(deps.waits).toEqual([500, 1_000]);
});

test("a server that says when to come back is believed, within bounds", async ({ expect }) => {
  const github = await startHosting();
  github.failNext({ status: 429, retryAfterSeconds: 3 });
  github.failNext({ status: 429, retryAfterSeconds: 3_600 });
  const deps = makeDeps();
  expect((await openPullRequest(makePull(github.url), deps)).ok).toBe(true);
  expect(deps.waits).toEqual([3_000, 8_000]);
});

test("a refusal is told with its status and text, cut after redaction, and not repeated", async ({
  expect,
}) => {
  const server = await startServer(403, {}, `${ghToken} ${"x".repeat(400)}`);
  const opened = await openPullRequest(makePull(server.url), makeDeps());
  expect(opened).toEqual({
    ok: false,
    failure: { cause: "api", text: `Failed to open PR (HTTP 403): *** ${"x".repeat(296)}` },
  });
  expect(server.seen).toHaveLength(1);
});

test("a server that stays in trouble is told with its last answer", async ({ expect }) => {
  const server = await startServer(500, {}, "boom");
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
  const elsewhere = await startServer(
    201,
    { "content-type": "application/json" },
    '{"html_url":"https://gh/pr/1"}',
  );
  const server = await startServer(307, { location: elsewhere.url }, "");
  const opened = await openPullRequest(makePull(server.url), makeDeps());
  expect(opened).toMatchObject({ ok: false, failure: { cause: "api" } });
  expect(elsewhere.seen).toEqual([]);
});

test("an answer without an address is a failure, whatever its status", async ({ expect }) => {
  const server = await startServer(
    201,
    { "content-type": "application/json" },
    '{"html_url":"javascript:alert(1)"}',
  );
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
