import { describe, test } from "vitest";
import { fieldsWithoutEffect, flowOf, isBranchName, unavailableReason } from "../../../shared/job-body.ts";
import { type Body, accept, bootstrap, makeBody, repo } from "./bodies.ts";

const flows: ReadonlyArray<readonly [flow: string, body: Body]> = [
  ["explore", makeBody({ mode: "explore", mergeBase: "main" })],
  ["preview", makeBody({ mode: "preview" })],
  ["coding", makeBody()],
  ["conflict", makeBody({ mergeBase: "main" })],
  ["bootstrap", makeBody({ bootstrap, mergeBase: "main" })],
];

const everyOption: Body = makeBody({
  contextFiles: [{ path: "a.md", content: "a" }],
  webSearch: true,
  streamFollowUps: true,
  guardLimits: { maxConsecutiveErrors: 20 },
  infra: { environment: "local" },
  full: true,
  persistentCheckout: true,
  repo: { ...repo, serviceDirectory: "api" },
  pr: { title: "T" },
});

describe("flows", () => {
  test.for(flows)("a job is carried out by the %s flow", ([flow, body], { expect }) => {
    expect(flowOf(accept(body).job)).toBe(flow);
  });

  test.for(flows)("only ordinary coding is available: %s", ([flow, body], { expect }) => {
    const reason = unavailableReason(accept(body).job);
    if (flow === "coding") expect(reason).toBeNull();
    else expect(reason).toMatch(/not available yet/);
  });

  test("other agents are not available yet", ({ expect }) => {
    const { job } = accept(makeBody({ harness: "codex", ambientAuth: true }));
    expect(unavailableReason(job)).toBe("The agent 'codex' is not available yet; 'pi' is.");
  });

  test("merge requests are not available yet, pushes to GitLab are", ({ expect }) => {
    const gitlab = { ...repo, provider: "gitlab" };
    expect(unavailableReason(accept(makeBody({ repo: gitlab, pr: { title: "T" } })).job)).toMatch(/GitLab/);
    expect(unavailableReason(accept(makeBody({ repo: gitlab })).job)).toBeNull();
  });

  test("options without effect leave a coding job available and are named", ({ expect }) => {
    const { job, warnings } = accept(everyOption);
    expect(unavailableReason(job)).toBeNull();
    expect(warnings).toEqual([]);
    const paths = ["webSearch", "guardLimits", "streamFollowUps", "infra", "persistentCheckout"];
    expect(fieldsWithoutEffect(job)).toEqual(paths.map((path) => `'${path}' has no effect yet.`));
    expect(fieldsWithoutEffect(accept(makeBody({ pr: { title: "T" } })).job)).toEqual([]);
  });
});

describe("branch names", () => {
  const good = ["main", "cat-factory/blk_1", "a.b", "v1.0", "refs/heads/x", "ünï", "a@b", "a-", "HEAD/x"];
  const bad = ["", "-a", "/a", "a/", "a//b", ".a", "a/.b", "a.", "a.lock", "a.lock/b", "a..b", "a b", "a\tb"];
  const worse = ["a~b", "a^b", "a:b", "a?b", "a*b", "a[b", "a\\b", "a@{b", "@", "HEAD", "a\u007Fb", "a\0b"];

  test.for(good)("'%s' is a branch name", (name, { expect }) => {
    expect(isBranchName(name)).toBe(true);
  });

  test.for([...bad, ...worse])("%j is none", (name, { expect }) => {
    expect(isBranchName(name)).toBe(false);
  });
});
