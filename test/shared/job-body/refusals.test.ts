import { describe, test } from "vitest";
import { type Body, bootstrap, makeBody, refusalOf, repo } from "./bodies.ts";

const nes = (path: string): string => `Invalid job: '${path}' must be a non-empty string`;
const target = (over: Body): Body => makeBody({ bootstrap: { target: { ...bootstrap.target, ...over } } });
const inRepo = (over: Body): Body => makeBody({ repo: { ...repo, ...over } });
const claude = { harness: "claude-code", proxyBaseUrl: undefined, sessionToken: undefined } as const;

const rows: ReadonlyArray<readonly [name: string, body: unknown, error: string]> = [
  ["a null body", null, "Invalid job: body must be an object"],
  ["a text body", "job", "Invalid job: body must be an object"],
  ["an array body", [makeBody()], "Invalid job: body must be an object"],
  ["no mode", makeBody({ mode: undefined }), "Invalid job: 'mode' must be 'explore', 'coding' or 'preview'"],
  [
    "an unknown mode",
    makeBody({ mode: "Coding" }),
    "Invalid job: 'mode' must be 'explore', 'coding' or 'preview'",
  ],
  ["an empty pr", makeBody({ pr: {} }), nes("pr.title")],
  ["an empty pr in an explore job", makeBody({ mode: "explore", pr: {} }), nes("pr.title")],
  ["a bootstrap without a target", makeBody({ bootstrap: {} }), nes("bootstrap.target.owner")],
  ["a bootstrap that is an array", makeBody({ bootstrap: [] }), nes("bootstrap.target.owner")],
  ["a bootstrap target without owner", target({ owner: "" }), nes("bootstrap.target.owner")],
  ["a bootstrap target without name", target({ name: 1 }), nes("bootstrap.target.name")],
  ["a bootstrap target without clone URL", target({ cloneUrl: null }), nes("bootstrap.target.cloneUrl")],
  ["a bootstrap target without branch", target({ defaultBranch: "" }), nes("bootstrap.target.defaultBranch")],
  ["no jobId", makeBody({ jobId: undefined }), nes("jobId")],
  ["a numeric jobId", makeBody({ jobId: 7 }), nes("jobId")],
  [
    "a jobId with a line break",
    makeBody({ jobId: "a\nb" }),
    "Invalid job: 'jobId' must be 1 to 256 printable characters",
  ],
  [
    "a jobId of 257",
    makeBody({ jobId: "x".repeat(257) }),
    "Invalid job: 'jobId' must be 1 to 256 printable characters",
  ],
  ["no systemPrompt", makeBody({ systemPrompt: "" }), nes("systemPrompt")],
  ["no userPrompt", makeBody({ userPrompt: undefined }), nes("userPrompt")],
  ["no model", makeBody({ model: {} }), nes("model")],
  ["Pi without a proxy", makeBody({ proxyBaseUrl: undefined }), nes("proxyBaseUrl")],
  ["Pi without a session token", makeBody({ sessionToken: "" }), nes("sessionToken")],
  ["a preview without a session token", makeBody({ mode: "preview", sessionToken: "" }), nes("sessionToken")],
  ["Claude without a token", makeBody({ ...claude }), nes("subscriptionToken")],
  [
    "Codex with ambientAuth that is not literally true",
    makeBody({ harness: "codex", ambientAuth: 1 }),
    nes("subscriptionToken"),
  ],
  [
    "a model proxy over plain http",
    makeBody({ proxyBaseUrl: "http://models.example/v1" }),
    plainHttp("proxyBaseUrl"),
  ],
  [
    "a vendor endpoint over plain http",
    makeBody({ ...claude, subscriptionToken: "t", subscriptionBaseUrl: "http://a.example" }),
    plainHttp("subscriptionBaseUrl"),
  ],
  ["no ghToken", makeBody({ ghToken: undefined }), nes("ghToken")],
  ["no repo", makeBody({ repo: undefined }), nes("repo.owner")],
  ["a repo without owner", inRepo({ owner: undefined }), nes("repo.owner")],
  ["a repo without name", inRepo({ name: "" }), nes("repo.name")],
  ["a repo without base branch", inRepo({ baseBranch: 1 }), nes("repo.baseBranch")],
  ["a repo without clone URL", inRepo({ cloneUrl: [] }), nes("repo.cloneUrl")],
  [
    "an unknown provider",
    inRepo({ provider: "gitea" }),
    "Invalid job: 'repo.provider' must be 'github' or 'gitlab'",
  ],
  [
    "a service directory outside",
    inRepo({ serviceDirectory: "a/../b" }),
    "Invalid job: 'repo.serviceDirectory' must be a path inside the repo",
  ],
  [
    "a Windows-style service directory outside",
    inRepo({ serviceDirectory: "a\\..\\b" }),
    "Invalid job: 'repo.serviceDirectory' must be a path inside the repo",
  ],
  ["no branch", makeBody({ branch: "" }), nes("branch")],
  [
    "an scp-style clone URL",
    inRepo({ cloneUrl: "git@github.com:octo/app.git" }),
    "Invalid job: 'repo.cloneUrl' must be a valid URL",
  ],
  [
    "an ssh clone URL",
    inRepo({ cloneUrl: "ssh://git@github.com/octo/app" }),
    "Invalid job: 'repo.cloneUrl' must be an https or file URL",
  ],
  [
    "a clone URL of another host",
    inRepo({ cloneUrl: "https://GitHub.com.evil.example/o/a" }),
    host("repo.cloneUrl", "github.com.evil.example"),
  ],
  [
    "a clone URL with an allowed host as user name",
    inRepo({ cloneUrl: "https://github.com@evil.example/o/a" }),
    host("repo.cloneUrl", "evil.example"),
  ],
  [
    "gitlab.com, which is no default",
    inRepo({ cloneUrl: "https://gitlab.com/o/a.git" }),
    host("repo.cloneUrl", "gitlab.com"),
  ],
  [
    "an API base of another host",
    makeBody({ githubApiBase: "https://api.evil.example" }),
    host("githubApiBase", "api.evil.example"),
  ],
  [
    "an API base that is no URL",
    makeBody({ githubApiBase: "api.github.com" }),
    "Invalid job: 'githubApiBase' must be a valid URL",
  ],
  [
    "a bootstrap target of another host",
    target({ cloneUrl: "https://evil.example/x" }),
    host("bootstrap.target.cloneUrl", "evil.example"),
  ],
  // The original's acceptance of these is a defect (§16 items 43, 47 and 49 of its contract).
  [
    "a file clone URL",
    inRepo({ cloneUrl: "file:///srv/repo.git" }),
    "Invalid job: 'repo.cloneUrl' must be an https URL",
  ],
  [
    "a file API base",
    makeBody({ githubApiBase: "file:///etc" }),
    "Invalid job: 'githubApiBase' must be an https URL",
  ],
  [
    "plain http to an allowed host",
    inRepo({ cloneUrl: "http://github.com/o/a" }),
    plainHttp("repo.cloneUrl"),
  ],
  [
    "an allowed host at an unlisted port",
    inRepo({ cloneUrl: "https://github.com:8443/o/a" }),
    host("repo.cloneUrl", "github.com:8443"),
  ],
  [
    "an owner that climbs",
    inRepo({ owner: ".." }),
    "Invalid job: 'repo.owner' must not contain '.' or '..' as a path segment",
  ],
  [
    "a name that climbs",
    inRepo({ name: "a/../.." }),
    "Invalid job: 'repo.name' must not contain '.' or '..' as a path segment",
  ],
  [
    "a bootstrap owner that climbs",
    target({ owner: "." }),
    "Invalid job: 'bootstrap.target.owner' must not contain '.' or '..' as a path segment",
  ],
  [
    "an option as branch",
    makeBody({ branch: "--upload-pack=x" }),
    "Invalid job: 'branch' must be a valid git branch name",
  ],
  [
    "an option as pushBranch",
    makeBody({ pushBranch: "--force" }),
    "Invalid job: 'pushBranch' must be a valid git branch name",
  ],
  [
    "a refspec as newBranch",
    makeBody({ newBranch: "a:refs/heads/main" }),
    "Invalid job: 'newBranch' must be a valid git branch name",
  ],
  [
    "a revision as mergeBase",
    makeBody({ mergeBase: "main~1" }),
    "Invalid job: 'mergeBase' must be a valid git branch name",
  ],
  [
    "a base branch with a space",
    inRepo({ baseBranch: "a b" }),
    "Invalid job: 'repo.baseBranch' must be a valid git branch name",
  ],
  [
    "a bootstrap branch with dots",
    target({ defaultBranch: "a..b" }),
    "Invalid job: 'bootstrap.target.defaultBranch' must be a valid git branch name",
  ],
];

function host(path: string, name: string): string {
  return `Invalid job: '${path}' host '${name}' is not an allowed GitHub host`;
}

function plainHttp(path: string): string {
  return `Invalid job: '${path}' must be an https URL (http only to loopback and *.holt.internal)`;
}

describe("job body refusals", () => {
  test.for(rows)("%s is refused with its text", ([, body, error], { expect }) => {
    expect(refusalOf(body)).toBe(error);
  });

  test("errors are told in the contract's order: each repaired fault uncovers the next one", ({ expect }) => {
    const broken = brokenBody();
    const seen: (string | null)[] = [refusalOf([])];
    const told = (): number => seen.push(refusalOf(broken));
    for (const repair of repairs) {
      told();
      repair(broken);
    }
    told();
    expect(seen).toEqual([
      "Invalid job: body must be an object",
      "Invalid job: 'mode' must be 'explore', 'coding' or 'preview'",
      ...["pr.title", "bootstrap.target.owner", "bootstrap.target.name"].map(nes),
      ...["bootstrap.target.cloneUrl", "bootstrap.target.defaultBranch"].map(nes),
      ...["jobId", "systemPrompt", "userPrompt", "model", "proxyBaseUrl", "sessionToken", "ghToken"].map(nes),
      ...["repo.owner", "repo.name", "repo.baseBranch", "repo.cloneUrl"].map(nes),
      "Invalid job: 'repo.provider' must be 'github' or 'gitlab'",
      "Invalid job: 'repo.serviceDirectory' must be a path inside the repo",
      nes("branch"),
      host("repo.cloneUrl", "evil.example"),
      host("githubApiBase", "evil.example"),
      host("bootstrap.target.cloneUrl", "evil.example"),
      null,
    ]);
  });
});

type Draft = Record<string, unknown> & {
  repo: Record<string, unknown>;
  bootstrap: { target: Record<string, unknown> };
};

function brokenBody(): Draft {
  return {
    pr: {},
    bootstrap: { target: {} },
    repo: { provider: "svn", serviceDirectory: ".." },
    githubApiBase: "https://evil.example/api",
  };
}

const repairs: ReadonlyArray<(body: Draft) => void> = [
  (body) => (body["mode"] = "coding"),
  (body) => (body["pr"] = { title: "T" }),
  (body) => (body.bootstrap.target["owner"] = "octo"),
  (body) => (body.bootstrap.target["name"] = "fresh"),
  (body) => (body.bootstrap.target["cloneUrl"] = "https://evil.example/fresh"),
  (body) => (body.bootstrap.target["defaultBranch"] = "main"),
  ...["jobId", "systemPrompt", "userPrompt", "model"].map((key) => (body: Draft) => (body[key] = "text")),
  (body) => (body["proxyBaseUrl"] = "https://models.example/v1"),
  (body) => (body["sessionToken"] = "token"),
  (body) => (body["ghToken"] = "token"),
  ...["owner", "name", "baseBranch"].map((key) => (body: Draft) => (body.repo[key] = "text")),
  (body) => (body.repo["cloneUrl"] = "https://evil.example/app"),
  (body) => (body.repo["provider"] = null),
  (body) => (body.repo["serviceDirectory"] = "api"),
  (body) => (body["branch"] = "main"),
  (body) => (body.repo["cloneUrl"] = "https://github.com/octo/app"),
  (body) => (body["githubApiBase"] = ""),
  (body) => (body.bootstrap.target["cloneUrl"] = "https://github.com/octo/fresh"),
];
