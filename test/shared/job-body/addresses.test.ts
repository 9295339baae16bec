import { test } from "vitest";
import { type Body, accept, bootstrap, makeBody, refusalOf, repo } from "./bodies.ts";

const inRepo = (over: Body): Body => makeBody({ repo: { ...repo, ...over } });
const inTarget = (over: Body): Body => makeBody({ bootstrap: { target: { ...bootstrap.target, ...over } } });

/** Every field that says where a token goes. */
const addresses: ReadonlyArray<readonly [path: string, bodyWith: (url: string) => Body]> = [
  ["repo.cloneUrl", (url) => inRepo({ cloneUrl: url })],
  ["githubApiBase", (url) => makeBody({ githubApiBase: url })],
  ["bootstrap.target.cloneUrl", (url) => inTarget({ cloneUrl: url })],
];

test.for(addresses)(
  "no token goes through %s to a file, in the clear or to a port nobody named",
  ([path, bodyWith], { expect }) => {
    for (const url of [
      "file:///srv/octo/app.git",
      "http://github.com/octo/app.git",
      "https://github.com:8443/octo/app.git",
      "https://elsewhere.example/octo/app.git",
    ]) {
      expect(refusalOf(bodyWith(url))).toMatch(new RegExp(`^Invalid job: '${path.replaceAll(".", "\\.")}'`));
    }
    expect(refusalOf(bodyWith("https://github.com/octo/app.git"))).toBeNull();
  },
);

test("a model's token crosses no network in the clear", ({ expect }) => {
  const clear = "http://models.example/v1";
  expect(refusalOf(makeBody({ proxyBaseUrl: clear }))).toContain("'proxyBaseUrl' must be an https URL");
  const codex = { harness: "codex", subscriptionToken: "token" } as const;
  expect(refusalOf(makeBody({ ...codex, subscriptionBaseUrl: clear }))).toContain(
    "'subscriptionBaseUrl' must be an https URL",
  );
});

test("an empty API base means GitHub's own", ({ expect }) => {
  const { job } = accept(makeBody({ githubApiBase: "" }));
  expect(job).not.toHaveProperty("githubApiBase");
});

/** Every field that names a branch. */
const branches: ReadonlyArray<readonly [path: string, bodyWith: (name: string) => Body]> = [
  ["branch", (name) => makeBody({ branch: name })],
  ["newBranch", (name) => makeBody({ newBranch: name })],
  ["pushBranch", (name) => makeBody({ pushBranch: name })],
  ["mergeBase", (name) => makeBody({ mergeBase: name })],
  ["repo.baseBranch", (name) => inRepo({ baseBranch: name })],
  ["bootstrap.target.defaultBranch", (name) => inTarget({ defaultBranch: name })],
];

test.for(branches)(
  "git gets no option, refspec or other syntax of its own for %s",
  ([path, bodyWith], { expect }) => {
    for (const name of [
      "--upload-pack=touch /tmp/x",
      "-f",
      "a:refs/heads/main",
      "a..b",
      "a b",
      "@{-1}",
      "a^",
    ]) {
      expect(refusalOf(bodyWith(name))).toBe(`Invalid job: '${path}' must be a valid git branch name`);
    }
  },
);
