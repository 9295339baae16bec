import { type ParsedJobBody, allowedGithubHosts, parseJobBody } from "../../../shared/job-body.ts";

export type Body = Readonly<Record<string, unknown>>;

export const repo = {
  owner: "octo",
  name: "app",
  baseBranch: "main",
  cloneUrl: "https://github.com/octo/app.git",
} as const;

/** A complete ordinary coding body; `over` replaces top-level fields, `undefined` removes one. */
export function makeBody(over: Body = {}): Body {
  const body: Body = {
    kind: "agent",
    jobId: "exec_1-coder",
    mode: "coding",
    systemPrompt: "You write code.",
    userPrompt: "Fix the test.",
    model: "m-1",
    proxyBaseUrl: "https://models.example/v1",
    sessionToken: "session-token",
    ghToken: "gh-token",
    repo,
    branch: "main",
    ...over,
  };
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}

export const bootstrap = {
  target: {
    owner: "octo",
    name: "fresh",
    cloneUrl: "https://github.com/octo/fresh.git",
    defaultBranch: "main",
  },
} as const;

export function parse(body: unknown, extraHosts = "127.0.0.1,localhost,git.holt.internal"): ParsedJobBody {
  return parseJobBody(body, { allowedHosts: allowedGithubHosts({ GITHUB_ALLOWED_HOSTS: extraHosts }) });
}

/** The parsed job of a body that must be accepted, and its warnings. */
export function accept(body: Body): Extract<ParsedJobBody, { ok: true }> {
  const parsed = parse(body);
  if (!parsed.ok) throw new Error(`refused: ${parsed.error}`);
  return parsed;
}

export function refusalOf(body: unknown): string | null {
  const parsed = parse(body);
  return parsed.ok ? null : parsed.error;
}
