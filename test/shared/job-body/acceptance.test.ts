import { describe, test } from "vitest";
import { AgentJob, allowedGithubHosts } from "../../../shared/job-body.ts";
import { type Body, accept, bootstrap, makeBody, refusalOf, repo } from "./bodies.ts";

const inRepo = (over: Body): Body => makeBody({ repo: { ...repo, ...over } });
const frontend = (over: Body): Body => makeBody({ mode: "preview", infra: { kind: "frontend", ...over } });
const service = (over: Body): Body => makeBody({ mode: "explore", infra: { environment: "local", ...over } });
const explore = (output: unknown): Body => makeBody({ mode: "explore", output });
const codex = (over: Body): Body => makeBody({ harness: "codex", subscriptionToken: "blob", ...over });
const file = { path: "notes.md", content: "c", title: "Notes", url: "https://x.example" } as const;

const noOutput = { kind: "prose", failOnUnusableFinal: false } as const;
const services = { kind: "service", environment: "local", noInfraDependencies: false } as const;

/** What a body's job must contain; every row is accepted without a warning. */
const accepted: ReadonlyArray<readonly [name: string, body: Body, job: Body]> = [
  ["any printable jobId", makeBody({ jobId: "ünï/ codé:%" }), { jobId: "ünï/ codé:%" }],
  ["an unknown field, unheard", makeBody({ artifactUpload: { url: 1 } }), { mode: "coding" }],
  [
    "a preview without prompts",
    makeBody({ mode: "preview", systemPrompt: undefined, userPrompt: "", model: null }),
    { systemPrompt: "", userPrompt: "", model: "" },
  ],
  [
    "Pi by default",
    makeBody(),
    { agent: { kind: "pi", proxyBaseUrl: "https://models.example/v1", sessionToken: "session-token" } },
  ],
  ["a proxy on loopback over http", makeBody({ proxyBaseUrl: "http://127.0.0.1:4000/v1" }), {}],
  ["a proxy at an internal host over http", makeBody({ proxyBaseUrl: "http://llm.holt.internal/v1" }), {}],
  [
    "a subscription agent without Pi's fields",
    codex({}),
    { agent: { kind: "codex", auth: { kind: "token", subscriptionToken: "blob" } } },
  ],
  [
    "an ambient login, which drops the token",
    codex({ ambientAuth: true }),
    { agent: { kind: "codex", auth: { kind: "ambient" } } },
  ],
  [
    "a vendor endpoint",
    codex({ subscriptionBaseUrl: "https://v.example" }),
    {
      agent: {
        kind: "codex",
        auth: { kind: "token", subscriptionToken: "blob" },
        subscriptionBaseUrl: "https://v.example",
      },
    },
  ],
  ["a provider of null", inRepo({ provider: null }), { repo }],
  ["a provider", inRepo({ provider: "gitlab" }), { repo: { ...repo, provider: "gitlab" } }],
  [
    "a service directory with slashes round it",
    inRepo({ serviceDirectory: " /packages/./api/ " }),
    { repo: { ...repo, serviceDirectory: "packages/api" } },
  ],
  [
    "a service directory with backslashes",
    inRepo({ serviceDirectory: "C:\\x" }),
    { repo: { ...repo, serviceDirectory: "C:/x" } },
  ],
  ["a service directory that is the root", inRepo({ serviceDirectory: "/" }), { repo }],
  [
    "an owner of two levels",
    inRepo({ owner: "group/sub.group" }),
    { repo: { ...repo, owner: "group/sub.group" } },
  ],
  ["a clone URL in capitals", inRepo({ cloneUrl: "HTTPS://GitHub.COM/o/a" }), {}],
  ["a loopback remote over http at any port", inRepo({ cloneUrl: "http://127.0.0.1:40123/o/a.git" }), {}],
  ["an internal remote over http", inRepo({ cloneUrl: "http://git.holt.internal/o/a.git" }), {}],
  [
    "an API base",
    makeBody({ githubApiBase: "https://api.github.com/v3" }),
    { githubApiBase: "https://api.github.com/v3" },
  ],
  [
    "full and persistent checkouts",
    makeBody({ full: true, persistentCheckout: true }),
    { full: true, persistentCheckout: true },
  ],
  [
    "coding defaults",
    makeBody(),
    {
      pushBranch: "main",
      commitMessage: "Agent changes",
      noChangesIsError: true,
      streamFollowUps: false,
      contextFiles: [],
      webSearch: false,
      full: false,
      persistentCheckout: false,
    },
  ],
  [
    "a new branch, which is pushed",
    makeBody({ newBranch: "cat/1" }),
    { newBranch: "cat/1", pushBranch: "cat/1" },
  ],
  [
    "a push branch of its own",
    makeBody({ newBranch: "cat/1", pushBranch: "cat/2" }),
    { newBranch: "cat/1", pushBranch: "cat/2" },
  ],
  [
    "a pull request, whose title is the commit message",
    makeBody({ pr: { title: "T" } }),
    { pr: { title: "T", body: "" }, commitMessage: "T" },
  ],
  [
    "a commit message",
    makeBody({ pr: { title: "T", body: "B" }, commitMessage: "M" }),
    { pr: { title: "T", body: "B" }, commitMessage: "M" },
  ],
  ["a no-op that is fine", makeBody({ noChangesIsError: false }), { noChangesIsError: false }],
  ["a streamed follow-up file", makeBody({ streamFollowUps: true }), { streamFollowUps: true }],
  ["a merge base", makeBody({ mergeBase: "release/1.0" }), { mergeBase: "release/1.0" }],
  ["a bootstrap", makeBody({ bootstrap }), { bootstrap: { ...bootstrap, fromScratch: false } }],
  [
    "a bootstrap from scratch",
    makeBody({ bootstrap: { ...bootstrap, fromScratch: true } }),
    { bootstrap: { ...bootstrap, fromScratch: true } },
  ],
  ["no output, which is prose", explore(undefined), { output: noOutput }],
  ["an output that is an array", explore([]), { output: noOutput }],
  [
    "structured output",
    explore({ kind: "structured", shapeHint: "", repair: false, failOnUnusableFinal: true }),
    { output: { kind: "structured", shapeHint: "", repair: false, failOnUnusableFinal: true } },
  ],
  [
    "service infra, whatever else its kind says",
    service({ kind: "odd", composePath: "c.yml", environmentUrl: "http://e" }),
    { infra: { ...services, composePath: "c.yml", environmentUrl: "http://e" } },
  ],
  [
    "service infra without dependencies",
    service({ noInfraDependencies: true }),
    { infra: { ...services, noInfraDependencies: true } },
  ],
  ["infra of a coding job", makeBody({ infra: { environment: "local" } }), { infra: services }],
  ["a bare frontend", frontend({}), { infra: { kind: "frontend" } }],
  [
    "a frontend's fields",
    frontend({
      packageManager: "yarn",
      install: "a b",
      buildScript: "b",
      outputDir: "o",
      serveMode: "command",
      serveScript: "s",
      servePort: 80.9,
      envInjection: "runtime",
      env: { A: "" },
      wiremockMappingsPath: "m",
      wiremockPort: 65_535,
    }),
    {
      infra: {
        kind: "frontend",
        packageManager: "yarn",
        install: "a b",
        buildScript: "b",
        outputDir: "o",
        serveMode: "command",
        serveScript: "s",
        servePort: 80,
        envInjection: "runtime",
        env: { A: "" },
        wiremockMappingsPath: "m",
        wiremockPort: 65_535,
      },
    },
  ],
  ["an env that is empty", frontend({ env: {} }), { infra: { kind: "frontend" } }],
  [
    "context files under their base name",
    makeBody({ contextFiles: [{ path: "a/../b c.md", content: "" }, file] }),
    { contextFiles: [{ path: "bc.md", content: "", title: "bc.md", url: "" }, file] },
  ],
  [
    "web search and its guidance",
    makeBody({ webSearch: true, webToolsGuidance: "" }),
    { webSearch: true, webToolsGuidance: "" },
  ],
  [
    "guard limits, floored",
    makeBody({ guardLimits: { maxConsecutiveErrors: 20.7, maxConsecutiveWebCalls: 60 } }),
    { guardLimits: { maxConsecutiveErrors: 20, maxConsecutiveWebCalls: 60 } },
  ],
  ["guard limits that say nothing", makeBody({ guardLimits: {} }), {}],
];

const reservedNames = `PATH Path HOME TMPDIR SHELL ENV IFS NODE_ENV node_env NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS
HTTP_PROXY https_proxy JAVA_TOOL_OPTIONS LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT DYLD_INSERT_LIBRARIES BASH_ENV
BASH_FUNC_npm%% PYTHONPATH PYTHONSTARTUP NPM_config_x yarn_registry pnpm_config_store_dir PNPM_HOME Git_dir
HARNESS_SHARED_SECRET harness_x __proto__ constructor prototype`;
const reserved = [...reservedNames.split(/\s/u), ""];

describe("job body acceptance", () => {
  test.for(accepted)("%s is accepted without a warning", ([, body, job], { expect }) => {
    const parsed = accept(body);
    expect(parsed.job).toMatchObject(job);
    expect(parsed.warnings).toEqual([]);
    expect(AgentJob.parse(parsed.job)).toEqual(parsed.job);
  });

  test.for(reserved)("the env name '%s' never reaches a build", (name, { expect }) => {
    const env: unknown = JSON.parse(`{"KEPT":"1",${JSON.stringify(name)}:"x"}`);
    const { job } = accept(frontend({ env }));
    expect(job.infra).toEqual({ kind: "frontend", env: { KEPT: "1" } });
  });

  test("env names that only resemble a reserved one reach the build", ({ expect }) => {
    const env = { VITE_API: "1", PATHS: "2", MY_NODE_ENV: "3", PORT: "4", YARN: "5", LD: "6" };
    expect(accept(frontend({ env })).job.infra).toEqual({ kind: "frontend", env });
  });

  test("fields that only a prototype holds are no fields", ({ expect }) => {
    expect(refusalOf(Object.create(makeBody()))).toMatch(/'mode' must be/);
    const body: unknown = JSON.parse(`{"__proto__":${JSON.stringify(makeBody())}}`);
    expect(refusalOf(body)).toMatch(/'mode' must be/);
    expect(Object.hasOwn(Object.prototype, "jobId")).toBe(false);
  });
});

describe("allowed hosts", () => {
  test("the environment adds hosts, trimmed and in lower case", ({ expect }) => {
    const env = {
      GITHUB_ENTERPRISE_HOST: " GHE.Corp ",
      GITHUB_ALLOWED_HOSTS: "a.example, ,B.example:8443,github.com",
    };
    expect(allowedGithubHosts(env)).toEqual([
      "github.com",
      "api.github.com",
      "ghe.corp",
      "a.example",
      "b.example:8443",
    ]);
    expect(allowedGithubHosts({})).toEqual(["github.com", "api.github.com"]);
  });
});
