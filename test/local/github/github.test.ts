import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { GitHub } from "../../../local/github/github.ts";
import { startGitHub } from "../../../local/github/github.ts";
import { test as base, withCredentials } from "../git-server/fixtures.ts";

const token = "github-token-of-a-test";
const opening = { title: "Count sixty minutes", body: "One line.", head: "work", base: "main" };

const test = base
  .extend("github", async ({ server }, { onCleanup }): Promise<GitHub> => {
    const github = await startGitHub({ token, git: server, log: () => undefined });
    onCleanup(() => github.close());
    return github;
  })
  // The branch `work`, one commit ahead of `main`, and `same`, which is none.
  .extend("pushed", async ({ folder, git, sample }) => {
    const checkout = join(folder, "checkout");
    await git.run(folder, ["clone", "--quiet", withCredentials(sample.cloneUrl), checkout]);
    await git.run(checkout, ["push", "--quiet", "origin", "HEAD:same"]);
    await writeFile(join(checkout, "note.txt"), "one");
    await git.run(checkout, ["add", "note.txt"]);
    await git.run(checkout, ["commit", "--quiet", "-m", "note"]);
    await git.run(checkout, ["push", "--quiet", "origin", "HEAD:work"]);
    return git.run(checkout, ["rev-parse", "HEAD"]);
  });

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly body?: unknown;
  readonly bearer?: string;
}

async function ask(
  github: GitHub,
  { method = "POST", path = "/repos/holt/sample/pulls", body, bearer = token }: Asked,
) {
  const response = await fetch(github.url + path, {
    method,
    headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json: unknown = await response.json();
  return { status: response.status, retryAfter: response.headers.get("retry-after"), json };
}

test("a pull request for a pushed branch is opened and found again", async ({ expect, github, pushed }) => {
  const opened = await ask(github, { body: opening });
  const htmlUrl = `${github.url}/holt/sample/pull/1`;
  const expected = { number: 1, state: "open", html_url: htmlUrl, head: { ref: "work", sha: pushed } };
  expect(opened).toMatchObject({ status: 201, json: expected });
  const path = "/repos/holt/sample/pulls?head=holt:work&base=main&state=open";
  expect((await ask(github, { method: "GET", path })).json).toMatchObject([expected]);
  expect(github.pulls()).toMatchObject([{ ...opening, headCommit: pushed, htmlUrl }]);
  const page = await fetch(htmlUrl);
  expect(await page.text()).toContain("#1 Count sixty minutes");
});

test("a second pull request for the same branch is refused in GitHub's words", async ({
  expect,
  github,
  pushed,
}) => {
  expect(pushed).toMatch(/^[0-9a-f]{40}$/);
  await ask(github, { body: opening });
  const again = await ask(github, { body: { ...opening, title: "Another" } });
  expect(again.status).toBe(422);
  expect(JSON.stringify(again.json)).toContain("A pull request already exists for holt:work.");
  expect(github.pulls()).toHaveLength(1);
});

test.for([
  ["a head that was not pushed", { ...opening, head: "missing" }, '"field":"head"'],
  ["a base that is not there", { ...opening, base: "missing" }, '"field":"base"'],
  ["a head without a commit of its own", { ...opening, head: "same" }, "No commits between main and same"],
  ["a body without a title", { head: "work", base: "main" }, "Invalid request."],
] as const)("%s is refused, and nothing is opened", async ([, body, words], { expect, github, pushed }) => {
  const answer = await ask(github, { body });
  expect(answer.status).toBe(422);
  expect(JSON.stringify(answer.json)).toContain(words);
  expect([github.pulls(), pushed.length]).toEqual([[], 40]);
});

test("another bearer is refused and recorded", async ({ expect, github, pushed }) => {
  const answer = await ask(github, { body: opening, bearer: "wrong" });
  expect(answer).toMatchObject({ status: 401, json: { message: "Bad credentials" } });
  expect([github.pulls(), pushed.length]).toEqual([[], 40]);
  expect(github.requests()).toEqual([
    { method: "POST", path: "/repos/holt/sample/pulls", authorization: "Bearer wrong", status: 401 },
  ]);
});

test("an unknown repository is not found", async ({ expect, github }) => {
  const answer = await ask(github, { path: "/repos/holt/none/pulls", body: opening });
  expect(answer.status).toBe(404);
});

test("ordered failures come first, in their order, and then it works", async ({ expect, github, pushed }) => {
  github.failNext({ status: 500 });
  github.failNext({ status: 429, times: 2, retryAfterSeconds: 1 });
  const answers = [];
  for (let count = 0; count < 4; count += 1) answers.push(await ask(github, { body: opening }));
  expect(answers.map(({ status }) => status)).toEqual([500, 429, 429, 201]);
  expect(answers.map(({ retryAfter }) => retryAfter)).toEqual([null, "1", "1", null]);
  expect(await github.waitForPull(({ headCommit }) => headCommit === pushed)).toMatchObject({ number: 1 });
});
