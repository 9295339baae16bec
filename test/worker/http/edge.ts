import { env } from "cloudflare:workers";
import { createApp } from "../../../worker/app.ts";
import { createAuthenticator } from "../../../worker/auth/authenticator.ts";
import type { ExecutionRpc } from "../../../worker/execution/rpc.ts";
import type { EdgeDeps } from "../../../worker/http/call.ts";
import { sha256Hex } from "../../../worker/keys.ts";
import { openapiDocument } from "../../../shared/openapi.ts";
import { createReference } from "../../../worker/reference/reference.ts";
import { VERSION } from "../../../worker/version.ts";
import { fakeBoards } from "../fake-boards.ts";
import { fakeExecutions } from "../fake-executions.ts";
import { recordingLog } from "../recording-log.ts";

export const dispatchToken = "token-that-dispatches";
export const readToken = "token-that-reads";

export const tokenEntries = [
  { name: "ci", sha256: await sha256Hex(dispatchToken), scopes: ["dispatch"] },
  { name: "board", sha256: await sha256Hex(readToken), scopes: ["read"] },
];

type EdgeOptions = {
  readonly answers?: Partial<ExecutionRpc>;
  readonly deps?: Partial<EdgeDeps>;
};

type Sent = {
  readonly method?: string;
  /** Sent as it is when a text or bytes, else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Null sends none. */
  readonly token?: string | null;
};

/** The edge over executions that write down what they are asked. */
export function makeEdge({ answers = {}, deps = {} }: EdgeOptions = {}) {
  const { asked, dispatched, executions } = fakeExecutions(answers);
  const lines: Array<{ readonly event: string; readonly fields: unknown }> = [];
  const app = createApp({
    executions,
    boards: fakeBoards().boards,
    authenticate: createAuthenticator(
      { HOLT_TOKENS: JSON.stringify(tokenEntries) },
      {
        clock: { now: () => Date.UTC(2099, 0, 1) },
        fetchKeys: () => Promise.reject(new Error("no keys are fetched here")),
      },
    ),
    isWithinRate: () => Promise.resolve(true),
    allowedHosts: ["github.com", "127.0.0.1"],
    assets: (path) => env.ASSETS.fetch(new URL(path, "https://assets.local")),
    random: { id: () => "request-1" },
    clock: { now: () => Date.UTC(2099, 0, 1) },
    timer: { sleep: () => new Promise(() => undefined) },
    log: recordingLog(({ event, fields }) => void lines.push({ event, fields })),
    redact: (text) => text.replaceAll("planted-secret", "***"),
    reference: createReference(JSON.stringify(openapiDocument(VERSION))),
    ...deps,
  });
  const send = async (
    path: string,
    { method = "GET", body, headers = {}, token = dispatchToken }: Sent = {},
  ) => {
    const isRaw = typeof body === "string" || body instanceof Uint8Array || body === undefined;
    return app.request(`https://holt.example${path}`, {
      method,
      headers: { ...(token !== null && { authorization: `Bearer ${token}` }), ...headers },
      ...(body !== undefined && { body: isRaw ? body : JSON.stringify(body) }),
    });
  };
  return { app, asked, dispatched, lines, send };
}

/** A job body that this version carries out. */
export function makeJobBody(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    kind: "agent",
    jobId: "exec_1-coder",
    mode: "coding",
    systemPrompt: "You write code.",
    userPrompt: "Make the test pass.",
    model: "scripted",
    proxyBaseUrl: "http://127.0.0.1:1/v1",
    sessionToken: "session-token-1",
    ghToken: "git-token-1",
    repo: {
      owner: "holt",
      name: "sample",
      baseBranch: "main",
      cloneUrl: "http://127.0.0.1:2/holt/sample.git",
    },
    branch: "main",
    newBranch: "holt/1",
    ...changes,
  };
}

/** What the body of a dispatch under `/v1` is for the same job. */
export function makeDispatch(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const { kind: _kind, jobId, ...spec } = makeJobBody();
  return { jobId, spec, ...changes };
}
