import { onTestFinished, test } from "vitest";
import { startGitLab } from "../../../local/gitlab/gitlab.ts";
import { ghToken, startGitHost } from "../git-host.ts";
import { makeFolder } from "../job-folder.ts";
import { makeJob } from "../make-job.ts";
import { openStudio } from "./studio.ts";

test("work in a repository of GitLab's is pushed there, and a merge request opened and found again", async ({
  expect,
}) => {
  const host = await startGitHost(await makeFolder());
  const gitlab = await startGitLab({ token: ghToken, git: host.server });
  onTestFinished(() => gitlab.close());
  const onGitLab = { ...host, cloneUrl: gitlab.cloneUrl("octo", "app") };
  const prUrl = `${gitlab.url}/octo/app/-/merge_requests/1`;
  for (const file of ["first.txt", "second.txt"]) {
    const { run, github } = await openStudio({
      agent: `commit ${file}; say done`,
      host: onGitLab,
      job: { repo: { ...makeJob().repo, provider: "gitlab" } },
    });
    expect(await run()).toMatchObject({
      state: "done",
      result: { pushed: true, branch: "cat/1", prUrl },
    });
    expect(github.requests()).toEqual([]);
  }
  expect(gitlab.merges()).toMatchObject([
    { title: "Fix the test", description: "It was red.", source_branch: "cat/1", target_branch: "main" },
  ]);
  expect(await host.inRepository("log", "--format=%s", "main..cat/1")).toBe("Add second.txt\nAdd first.txt");
});

test("a merge request that cannot be opened keeps what was pushed", async ({ expect }) => {
  const host = await startGitHost(await makeFolder());
  const gitlab = await startGitLab({ token: "another", git: host.server });
  onTestFinished(() => gitlab.close());
  const { run } = await openStudio({
    agent: "commit work.txt; say done",
    host: { ...host, cloneUrl: gitlab.cloneUrl("octo", "app") },
    job: { repo: { ...makeJob().repo, provider: "gitlab" } },
  });
  expect(await run()).toMatchObject({
    state: "failed",
    failureCause: "api",
    error: 'Failed to open merge request (HTTP 401): {"message":"401 Unauthorized"}',
    result: { pushed: true, branch: "cat/1", summary: "done", stats: { toolCalls: 0 } },
  });
});
