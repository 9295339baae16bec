import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Config, readConfig } from "../../../container/config.ts";
import { listenAtFrontDoor } from "../../../container/front-door.ts";
import { type Harness, createHarness } from "../../../container/harness.ts";
import type { Flow } from "../../../container/job-context.ts";
import { systemClock, systemRandom } from "../../../container/system.ts";
import { deferred } from "./deferred.ts";

export type StartedHarness = {
  readonly harness: Harness;
  readonly url: string;
  readonly port: number;
  readonly tmpDir: string;
  readonly logLines: readonly string[];
  /** Settles with the code when the harness would end its process. */
  readonly exited: Promise<number>;
  readonly post: (body: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly stop: (
    jobId: string,
    wish: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
  /** Reads a job until it is no longer running. */
  readonly ended: (jobId: string) => Promise<Readonly<Record<string, unknown>>>;
};

export type Answer = { readonly status: number; readonly body: unknown };

export type StartOptions = {
  readonly flow: Flow;
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: Partial<Config>;
  readonly beatUrl?: string;
  /** What the harness takes for the time. */
  readonly now?: () => number;
};

/** A whole harness on a free loopback port, closed when the test is over. */
export async function startHarness(options: StartOptions): Promise<StartedHarness> {
  const read = readConfig({ PORT: "0", ...options.env });
  if (!read.ok) throw new Error(read.error);
  const tmpDir = await mkdtemp(join(tmpdir(), "holt-test-"));
  const logLines: string[] = [];
  const exit = deferred<number>();
  const config = { ...read.config, hostname: "127.0.0.1", ...options.config };
  const harness = createHarness({
    config,
    flow: options.flow,
    clock: { ...systemClock, now: options.now ?? systemClock.now },
    random: systemRandom,
    fetch: (url, init) => fetch(url, init),
    writeLog: (line) => logLines.push(line),
    tmpDir,
    self: { pid: process.pid, host: "test" },
    user: null,
    exit: exit.resolve,
    ...(options.beatUrl !== undefined && { beatUrl: options.beatUrl }),
  });
  const door = await listenAtFrontDoor({
    boot: harness.boot,
    config,
    open: () => Promise.resolve(harness.handle),
  });
  const { port } = door;
  const url = `http://127.0.0.1:${port}`;
  onTestFinished(async () => {
    await door.close();
    await rm(tmpDir, { recursive: true, force: true });
  });
  const call = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(url + path, init);
    return { status: response.status, body: await response.json() };
  };
  const get: StartedHarness["get"] = (path, headers = {}) => call(path, { headers });
  return {
    harness,
    url,
    port,
    tmpDir,
    logLines,
    exited: exit.promise,
    get,
    post: (body, headers = {}) =>
      call("/jobs", {
        method: "POST",
        headers,
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    stop: (jobId, wish, headers = {}) =>
      call(`/jobs/${encodeURIComponent(jobId)}`, { method: "DELETE", headers, body: JSON.stringify(wish) }),
    ended: async (jobId) => {
      for (;;) {
        const { body } = await get(`/jobs/${encodeURIComponent(jobId)}`);
        if (typeof body !== "object" || body === null) throw new Error(`no view of ${jobId}`);
        if ("state" in body && body.state !== "running") return { ...body };
      }
    },
  };
}

/** A job body this version carries out, with what a test varies. */
export function makeBody(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    kind: "agent",
    jobId: `job_${randomBytes(6).toString("hex")}`,
    mode: "coding",
    systemPrompt: "You fix things.",
    userPrompt: "Fix it.",
    model: "scripted",
    proxyBaseUrl: "http://127.0.0.1:1/v1",
    sessionToken: "session-token-123456",
    ghToken: "git-token-abcdef",
    repo: {
      owner: "octo",
      name: "app",
      baseBranch: "main",
      cloneUrl: "https://github.com/octo/app.git",
    },
    branch: "main",
    newBranch: "cat/1",
    ...more,
  };
}

export const INSTANCE = "instance-0001";

/** The part of a body that belongs to the object. */
export function makeEnvelope(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    executionId: "exe_1",
    instance: INSTANCE,
    attempt: 1,
    round: 1,
    beatKey: "beat-key-0123456789",
    nextBeatMs: 50,
    limits: {
      cloneMs: 60_000,
      setupMs: 60_000,
      pushMs: 60_000,
      inactivityMs: 60_000,
      maxDurationMs: 60_000,
      marginMs: 10_000,
      checkpointMs: 1_000,
      killGraceMs: 200,
    },
    ...more,
  };
}
