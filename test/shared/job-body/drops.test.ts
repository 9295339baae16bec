import { describe, test } from "vitest";
import { type Body, accept, bootstrap, makeBody, repo } from "./bodies.ts";

const inRepo = (over: Body): Body => makeBody({ repo: { ...repo, ...over } });
const frontend = (over: Body): Body => makeBody({ mode: "preview", infra: { kind: "frontend", ...over } });
const service = (over: Body): Body => makeBody({ mode: "explore", infra: { environment: "local", ...over } });
const explore = (output: unknown): Body => makeBody({ mode: "explore", output });
const codex = (over: Body): Body => makeBody({ harness: "codex", subscriptionToken: "blob", ...over });
const file = { path: "notes.md", content: "c", title: "Notes", url: "https://x.example" } as const;

/** The path of a malformed field, a body with it, and what its warning says would be right. */
const rows: ReadonlyArray<readonly [path: string, body: Body, expected: string]> = [
  ["harness", makeBody({ harness: "aider" }), "'pi', 'claude-code' or 'codex'"],
  ["subscriptionBaseUrl", codex({ subscriptionBaseUrl: 5 }), "a non-empty string"],
  ["ambientAuth", codex({ ambientAuth: "yes" }), "true or false"],
  ["userPrompt", makeBody({ mode: "preview", userPrompt: 5 }), "a string"],
  ["repo.serviceDirectory", inRepo({ serviceDirectory: 5 }), "a string"],
  ["githubApiBase", makeBody({ githubApiBase: 5 }), "a string"],
  ["full", makeBody({ full: "true" }), "true or false"],
  ["persistentCheckout", makeBody({ persistentCheckout: 1 }), "true or false"],
  ["newBranch", makeBody({ newBranch: 5 }), "a non-empty string"],
  ["pushBranch", makeBody({ pushBranch: "" }), "a non-empty string"],
  ["commitMessage", makeBody({ commitMessage: [] }), "a non-empty string"],
  ["pr", makeBody({ pr: "T" }), "an object"],
  ["pr.body", makeBody({ pr: { title: "T", body: 5 } }), "a string"],
  ["noChangesIsError", makeBody({ noChangesIsError: "false" }), "true or false"],
  ["streamFollowUps", makeBody({ streamFollowUps: "x" }), "true or false"],
  ["mergeBase", makeBody({ mergeBase: {} }), "a non-empty string"],
  ["bootstrap", makeBody({ bootstrap: true }), "an object"],
  ["bootstrap.fromScratch", makeBody({ bootstrap: { ...bootstrap, fromScratch: 1 } }), "true or false"],
  ["output", explore("structured"), "an object"],
  ["output.kind", explore({ kind: "json" }), "'structured' or 'prose'"],
  ["output.shapeHint", explore({ shapeHint: {} }), "a string"],
  ["output.repair", explore({ repair: 0 }), "true or false"],
  ["output.failOnUnusableFinal", explore({ failOnUnusableFinal: "x" }), "true or false"],
  [
    "infra",
    makeBody({ infra: { environment: "prod" } }),
    "of kind 'frontend' or have 'environment' set to 'local' or 'ephemeral'",
  ],
  ["infra", makeBody({ infra: [] }), "an object"],
  ["infra.noInfraDependencies", service({ noInfraDependencies: "x" }), "true or false"],
  ["infra.composePath", service({ composePath: "" }), "a non-empty string"],
  ["infra.environmentUrl", service({ environmentUrl: 1 }), "a non-empty string"],
  ["infra.packageManager", frontend({ packageManager: "bun" }), "'pnpm', 'npm' or 'yarn'"],
  ["infra.install", frontend({ install: ["npm", "ci"] }), "a non-empty string"],
  ["infra.serveMode", frontend({ serveMode: "x" }), "'static' or 'command'"],
  ["infra.servePort", frontend({ servePort: 0.5 }), "a port from 1 to 65535"],
  ["infra.envInjection", frontend({ envInjection: "x" }), "'build' or 'runtime'"],
  ["infra.wiremockPort", frontend({ wiremockPort: "80" }), "a port from 1 to 65535"],
  ["infra.env", frontend({ env: ["A"] }), "an object of strings"],
  ["contextFiles", makeBody({ contextFiles: {} }), "an array"],
  ["webToolsGuidance", makeBody({ webToolsGuidance: 1 }), "a string"],
  ["webSearch", makeBody({ webSearch: "on" }), "true or false"],
  ["guardLimits", makeBody({ guardLimits: 40 }), "an object"],
  [
    "guardLimits.maxConsecutiveErrors",
    makeBody({ guardLimits: { maxConsecutiveErrors: -1 } }),
    "a positive number",
  ],
  [
    "guardLimits.maxToolCallsWithoutEdit",
    makeBody({ guardLimits: { maxToolCallsWithoutEdit: "9" } }),
    "a positive number",
  ],
  [
    "guardLimits.maxConsecutiveWebCalls",
    makeBody({ guardLimits: { maxConsecutiveWebCalls: 0 } }),
    "a positive number",
  ],
];

/** The body without the field at a dotted path of at most two parts. */
function without(body: Body, path: string): Body {
  const [outer = "", inner] = path.split(".");
  if (inner === undefined) return makeBody({ ...body, [outer]: undefined });
  const field: unknown = body[outer];
  const rest = Object.entries(field ?? {}).filter(([key]) => key !== inner);
  return { ...body, [outer]: Object.fromEntries(rest) };
}

describe("malformed optional fields of a job body", () => {
  test.for(rows)("a malformed '%s' counts as absent and is named", ([path, body, expected], { expect }) => {
    const { job, warnings } = accept(body);
    expect(warnings).toEqual([`'${path}' was ignored: it must be ${expected}.`]);
    expect(job).toEqual(accept(without(body, path)).job);
  });

  test("a proxy that is no URL is kept, and the warning says what it cannot do", ({ expect }) => {
    const { job, warnings } = accept(makeBody({ proxyBaseUrl: "proxy" }));
    expect(job.agent).toMatchObject({ proxyBaseUrl: "proxy" });
    expect(warnings).toEqual([
      "'proxyBaseUrl' is no http or https URL, so the model cannot be reached through it.",
    ]);
  });

  test("unusable entries of an env are dropped under one warning", ({ expect }) => {
    const { job, warnings } = accept(frontend({ env: { A: "1", B: 2, git_dir: "x" } }));
    expect(job.infra).toEqual({ kind: "frontend", env: { A: "1" } });
    expect(warnings).toEqual([
      "'infra.env' lost 'B', 'git_dir': names must be non-empty and not reserved, values strings.",
    ]);
  });

  test("of a name too long to be shown only the length is told, since half a secret is not recognised", ({
    expect,
  }) => {
    const { warnings } = accept(frontend({ env: { [`GIT_${"x".repeat(80)}`]: "1" } }));
    expect(warnings).toEqual([
      "'infra.env' lost a name of 84 characters: names must be non-empty and not reserved, values strings.",
    ]);
  });

  test("unusable context files are dropped under one warning; of equal names the first wins", ({
    expect,
  }) => {
    const unusable = [
      { ...file, content: "2" },
      { path: "é.md", content: "" },
      { path: "..", content: "" },
    ];
    const more = [{ path: ".env", content: "" }, { path: "x" }, 7];
    const { job, warnings } = accept(makeBody({ contextFiles: [file, ...unusable, ...more] }));
    expect(job.contextFiles).toEqual([file]);
    expect(warnings).toEqual([
      "'contextFiles' lost 6 of 7 entries (1, 2, 3, 4, 5, …): each must be an object with a unique file name as 'path' and a string as 'content'.",
    ]);
  });

  test("a million malformed entries make one short warning", ({ expect }) => {
    const { warnings } = accept(makeBody({ contextFiles: Array.from({ length: 1_000_000 }, () => 0) }));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.length).toBeLessThan(300);
  });
});
