import { test } from "vitest";
import { aboutOf, withoutSecretsIn } from "../../shared/about.ts";
import type { AgentJob } from "../../shared/job-body/agent-job.ts";

type Asked = Pick<AgentJob["repo"], "cloneUrl" | "provider"> & { readonly pushBranch?: string };

/** The fields that are read, of a coding job. */
function branchUrl({ cloneUrl, provider, pushBranch = "holt/1" }: Asked): string | undefined {
  const repo = {
    owner: "o",
    name: "n",
    baseBranch: "main",
    cloneUrl,
    ...(provider !== undefined && { provider }),
  };
  const job = { mode: "coding", repo, branch: "main", pushBranch, model: "m", agent: { kind: "pi" } };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a whole job has thirty fields that are not read here
  return aboutOf(job as unknown as AgentJob).branchUrl;
}

test("the branch's page follows from the clone URL and the host's kind", ({ expect }) => {
  const cases: readonly (readonly [Asked, string | undefined])[] = [
    [{ cloneUrl: "https://github.com/o/n.git" }, "https://github.com/o/n/tree/holt/1"],
    [{ cloneUrl: "https://github.com/o/n/" }, "https://github.com/o/n/tree/holt/1"],
    [
      { cloneUrl: "https://git.example/group/sub/n.git", provider: "gitlab" },
      "https://git.example/group/sub/n/-/tree/holt/1",
    ],
    [{ cloneUrl: "https://gitlab.com/o/n.git" }, "https://gitlab.com/o/n/-/tree/holt/1"],
    [{ cloneUrl: "https://x:token@github.com/o/n.git" }, "https://github.com/o/n/tree/holt/1"],
    [
      { cloneUrl: "https://github.com/o/n.git", pushBranch: "a b?#/c" },
      "https://github.com/o/n/tree/a%20b%3F%23/c",
    ],
    [{ cloneUrl: "http://127.0.0.1:4000/o/n.git" }, undefined],
    [{ cloneUrl: "no address" }, undefined],
  ];
  for (const [asked, url] of cases) expect(branchUrl(asked), asked.cloneUrl).toBe(url);
});

test("an address that holds a secret, or is too long to be shown, is left out whole", ({ expect }) => {
  const about = { repository: "o/n", branch: "b", agent: "pi", model: "m", mode: "coding" } as const;
  const shown = (url: string) =>
    withoutSecretsIn({ ...about, branchUrl: url }, (text) => text.replaceAll("secret", "***"));
  expect(shown("https://github.com/o/n/tree/b").branchUrl).toBe("https://github.com/o/n/tree/b");
  expect(shown("https://github.com/o/n/tree/secret")).toEqual(about);
  expect(shown(`https://github.com/o/n/tree/${"b".repeat(1_000)}`)).toEqual(about);
});
