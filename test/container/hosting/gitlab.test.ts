import { onTestFinished, test } from "vitest";
import { openChangeRequest } from "../../../container/hosting/change-request.ts";
import { type MergeRequest, openMergeRequest } from "../../../container/hosting/gitlab.ts";
import { startGitLab } from "../../../local/gitlab/gitlab.ts";
import { listenOnLoopback } from "../../../local/http-server.ts";
import { ghToken, startGitHost } from "../git-host.ts";
import { makeFolder } from "../job-folder.ts";
import { json, makeDeps, startServer } from "./rig.ts";

const makeMerge = (origin: string, given: Partial<MergeRequest> = {}): MergeRequest => ({
  cloneUrl: `${origin}/octo/app.git`,
  token: ghToken,
  title: "T",
  description: "B",
  sourceBranch: "cat/1",
  targetBranch: "main",
  ...given,
});

const openedAnswer = {
  status: 201,
  headers: json,
  body: '{"web_url":"https://gl/octo/app/-/merge_requests/1"}',
};
const existsAnswer = {
  status: 409,
  headers: json,
  body: '{"message":["Another open merge request already exists for this source branch: !5"]}',
};
const listAnswer = {
  status: 200,
  headers: json,
  body: '[{"web_url":"https://gl/octo/app/-/merge_requests/5"}]',
};

async function startHosting() {
  const host = await startGitHost(await makeFolder());
  await host.commitElsewhere("cat/1", "work.txt", "main");
  const gitlab = await startGitLab({ token: ghToken, git: host.server });
  onTestFinished(() => gitlab.close());
  return gitlab;
}

test("a merge request is opened and its address returned", async ({ expect }) => {
  const gitlab = await startHosting();
  const opened = await openMergeRequest(makeMerge(gitlab.url), makeDeps());
  expect(opened).toEqual({ ok: true, value: `${gitlab.url}/octo/app/-/merge_requests/1` });
  expect(gitlab.merges()).toMatchObject([
    { title: "T", description: "B", source_branch: "cat/1", target_branch: "main" },
  ]);
});

test("the request goes to the API beside the repository, with the token in GitLab's own header", async ({
  expect,
}) => {
  const server = await startServer(openedAnswer);
  const cloneUrl = `${server.url}//group/sub%20group/app.git/`;
  await openMergeRequest(makeMerge("", { cloneUrl }), makeDeps());
  const [sent] = server.seen;
  expect(sent).toMatchObject({
    method: "POST",
    url: "/api/v4/projects/group%2Fsub%20group%2Fapp/merge_requests",
    headers: { "private-token": ghToken, "content-type": "application/json" },
  });
  expect(sent?.headers).not.toHaveProperty("authorization");
  expect(JSON.parse(sent?.body ?? "")).toEqual({
    source_branch: "cat/1",
    target_branch: "main",
    title: "T",
    description: "B",
  });
});

test("a merge request that is open already is found", async ({ expect }) => {
  const gitlab = await startHosting();
  const first = await openMergeRequest(makeMerge(gitlab.url), makeDeps());
  expect(await openMergeRequest(makeMerge(gitlab.url, { title: "Again" }), makeDeps())).toEqual(first);
  expect(gitlab.merges()).toHaveLength(1);
  expect(gitlab.requests().at(-1)?.path).toBe(
    "/api/v4/projects/octo%2Fapp/merge_requests?source_branch=cat%2F1&target_branch=main&state=opened",
  );
});

test.for(["Another open merge request for this source branch", "this merge request already exists"])(
  "a status 400 that says '%s' is looked up too",
  async (words, { expect }) => {
    const refusal = { status: 400, headers: json, body: JSON.stringify({ message: [words] }) };
    const server = await startServer(refusal, listAnswer);
    expect(await openMergeRequest(makeMerge(server.url), makeDeps())).toEqual({
      ok: true,
      value: "https://gl/octo/app/-/merge_requests/5",
    });
  },
);

test("another refusal of GitLab's is told with its status and text, cut after redaction", async ({
  expect,
}) => {
  const server = await startServer({ status: 400, body: `${ghToken} ${"x".repeat(400)}` });
  expect(await openMergeRequest(makeMerge(server.url), makeDeps())).toEqual({
    ok: false,
    failure: { cause: "api", text: `Failed to open merge request (HTTP 400): *** ${"x".repeat(296)}` },
  });
  expect(server.seen).toHaveLength(1);
});

test("an error while the open merge request is looked for is a failure of the API", async ({ expect }) => {
  const server = await startServer(existsAnswer, { status: 502, body: "<html>" });
  expect(await openMergeRequest(makeMerge(server.url), makeDeps())).toEqual({
    ok: false,
    failure: { cause: "api", text: "Failed to open merge request (HTTP 502): <html>" },
  });
  const empty = await startServer(existsAnswer, { status: 200, headers: json, body: "[]" });
  expect(await openMergeRequest(makeMerge(empty.url), makeDeps())).toMatchObject({
    failure: { cause: "api", text: expect.stringContaining("Failed to open merge request (HTTP 409): ") },
  });
});

test("a GitLab in trouble is asked three times", async ({ expect }) => {
  const deps = makeDeps();
  const server = await startServer(
    { status: 503 },
    { status: 429, headers: { "retry-after": "2" } },
    openedAnswer,
  );
  expect((await openMergeRequest(makeMerge(server.url), deps)).ok).toBe(true);
  expect(deps.waits).toEqual([500, 2_000]);
});

test("a GitLab that cannot be reached is a failure of the API, with the reason", async ({ expect }) => {
  const server = await listenOnLoopback(() => undefined);
  await server.close();
  expect(await openMergeRequest(makeMerge(server.url), makeDeps())).toMatchObject({
    ok: false,
    failure: { cause: "api", text: expect.stringMatching(/^fetch failed: .*ECONNREFUSED/) },
  });
});

test("a redirect of GitLab's is not followed, so the private token stays with its host", async ({
  expect,
}) => {
  const elsewhere = await startServer(openedAnswer);
  const server = await startServer({ status: 307, headers: { location: elsewhere.url } });
  expect(await openMergeRequest(makeMerge(server.url), makeDeps())).toEqual({
    ok: false,
    failure: { cause: "api", text: "Failed to open merge request (HTTP 307): " },
  });
  expect(elsewhere.seen).toEqual([]);
});

test("an answer of GitLab's without an address is a failure, whatever its status", async ({ expect }) => {
  const server = await startServer({ ...openedAnswer, body: '{"web_url":"javascript:alert(1)"}' });
  expect(await openMergeRequest(makeMerge(server.url), makeDeps())).toEqual({
    ok: false,
    failure: { cause: "api", text: "GitLab did not return a merge request url" },
  });
});

test("without a clone URL there is no GitLab to ask", async ({ expect }) => {
  for (const cloneUrl of ["no url", "https://gitlab.example", "file:///octo/app.git"]) {
    expect(await openMergeRequest(makeMerge("", { cloneUrl }), makeDeps())).toEqual({
      ok: false,
      failure: { cause: "api", text: "Cannot open a GitLab merge request without the repo clone URL" },
    });
  }
});

test.for([
  {
    cloneUrl: "https://gitlab.com/octo/app.git",
    api: "https://gitlab.com/api/v4/projects/octo%2Fapp/merge_requests",
  },
  {
    cloneUrl: "https://code.gitlab.example/octo/app",
    api: "https://code.gitlab.example/api/v4/projects/octo%2Fapp/merge_requests",
  },
  {
    cloneUrl: "https://code.example:8443/octo/app.git",
    provider: "gitlab",
    api: "https://code.example:8443/api/v4/projects/octo%2Fapp/merge_requests",
  },
  { cloneUrl: "https://github.com/octo/app.git", api: "https://api.github.com/repos/octo/app/pulls" },
  {
    cloneUrl: "https://gitlab.com/octo/app.git",
    provider: "github",
    api: "https://api.github.com/repos/octo/app/pulls",
  },
] as const)("the service is the named one, else the host's: $api", async ({ api, ...repo }, { expect }) => {
  const asked: string[] = [];
  const recording: typeof fetch = (input) => {
    asked.push(new Request(input).url);
    return Promise.resolve(Response.json({}, { status: 404 }));
  };
  await openChangeRequest(
    {
      repo: { owner: "octo", name: "app", baseBranch: "main", ...repo },
      githubApiBase: undefined,
      token: ghToken,
      title: "T",
      body: "B",
      head: "cat/1",
      base: "main",
    },
    makeDeps({ fetch: recording }),
  );
  expect(asked).toEqual([api]);
});
