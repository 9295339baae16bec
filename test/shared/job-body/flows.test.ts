import { describe, test } from "vitest";
import { fieldsWithoutEffect, flowOf, isBranchName } from "../../../shared/job-body.ts";
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

  test("fields that a flow has no use for are named, the others are not", ({ expect }) => {
    const { job, warnings } = accept(everyOption);
    expect(warnings).toEqual([]);
    expect(fieldsWithoutEffect(job)).toEqual(["'infra' has no effect in a coding job."]);
    const withoutEffect = (more: object): readonly string[] =>
      fieldsWithoutEffect(accept({ ...everyOption, ...more }).job).map((text) => text.split("'")[1] ?? "");
    expect(withoutEffect({ mode: "explore" })).toEqual([]);
    const service = "repo.serviceDirectory";
    expect(withoutEffect({ mergeBase: "main" })).toEqual(["infra", "persistentCheckout", "pr", service]);
    expect(withoutEffect({ bootstrap })).toEqual(["infra", "persistentCheckout", "pr", service]);
    expect(withoutEffect({ mode: "preview" })).toEqual([
      "webSearch",
      "guardLimits",
      "streamFollowUps",
      "contextFiles",
      "persistentCheckout",
    ]);
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
