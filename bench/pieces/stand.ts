/** A real harness with all it needs to carry out a job: a git server, an object, and an agent that does as it is told. */

import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GitServer, startGitServer } from "../../local/git-server/git-server.ts";
import { type BeatTaker, startBeatTaker } from "./object.ts";
import { type ServerProcess, harnessProgram, startProcess } from "./real-harness.ts";

/** What the agent of a job does; see `agent.mjs`. */
export type Order =
  | { readonly kind: "records"; readonly bytes: number; readonly recordBytes: number }
  | { readonly kind: "line"; readonly bytes: number }
  | { readonly kind: "garbage"; readonly bytes: number }
  | { readonly kind: "errors"; readonly bytes: number }
  | { readonly kind: "lines"; readonly bytes: number }
  /** Stays until it is ended; `stubborn` does not heed SIGTERM. Either way it has processes that left its group. */
  | { readonly kind: "stay"; readonly isStubborn: boolean };

export type Stand = {
  readonly harness: ServerProcess;
  readonly beats: BeatTaker;
  /** Dispatches a job whose agent carries out the orders, one after the other. */
  readonly dispatch: (jobId: string, orders: readonly Order[]) => Promise<void>;
  readonly read: (path: string) => Promise<Readonly<Record<string, unknown>>>;
  /** Reads the job until it has ended; `onRead` is told how long each answer took. */
  readonly ended: (
    jobId: string,
    onRead?: (ms: number) => void,
  ) => Promise<Readonly<Record<string, unknown>>>;
  readonly stop: (jobId: string) => Promise<void>;
  /** Where the harness makes its jobs' folders. */
  readonly tmpDir: string;
  readonly close: () => Promise<void>;
};

export type StandOptions = {
  /** Node's own arguments, before the harness's program. */
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** See `StartProcess`; what it is told is the folder the harness works in. */
  readonly wrapper?: (tmpDir: string) => readonly string[];
  /** A shell script that is the agent in place of the one that takes orders, which it finds as `$prompt`. */
  readonly agent?: string;
};

const instance = "instance-0001";
const headers = { "x-harness-secret": "control-key-0123456789" };
const token = "ghs_bench-token_0123456789";
const nextBeatMs = 200;

export async function openStand(options: StandOptions = {}): Promise<Stand> {
  const folder = await mkdtemp(join(tmpdir(), "holt-bench-"));
  // an agent of another account passes through
  await chmod(folder, 0o711);
  const jobs = join(folder, "jobs");
  await mkdir(jobs);
  const git = await serveRepository(folder);
  const beats = await startBeatTaker(nextBeatMs);
  const bin = await writeAgent(folder, options.agent);
  const harness = await startProcess({
    args: [...(options.nodeArgs ?? []), harnessProgram],
    ...(options.wrapper !== undefined && { wrapper: options.wrapper(jobs) }),
    env: {
      PATH: `${bin}:${process.env["PATH"]}`,
      TMPDIR: jobs,
      HARNESS_INSTANCE: instance,
      HARNESS_WORKSPACE_ROOT: join(folder, "workspace"),
      GITHUB_ALLOWED_HOSTS: "127.0.0.1",
      ...beats.env,
      ...options.env,
    },
  });
  const read: Stand["read"] = async (path) => {
    const answer: unknown = await (await fetch(harness.url + path, { headers })).json();
    return Object(answer);
  };
  return {
    harness,
    beats,
    tmpDir: jobs,
    read,
    dispatch: async (jobId, orders) => {
      const body = JSON.stringify(makeBody(jobId, git, orders));
      const answer = await fetch(`${harness.url}/jobs`, { method: "POST", headers, body });
      if (answer.status !== 202) throw new Error(`no job: ${await answer.text()}`);
    },
    ended: async (jobId, onRead) => {
      for (;;) {
        const askedAt = performance.now();
        const view = await read(`/jobs/${jobId}`);
        onRead?.(performance.now() - askedAt);
        if (view["state"] !== "running") return view;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    stop: async (jobId) => {
      const body = JSON.stringify({ cause: "cancelled", graceMs: 0 });
      await fetch(`${harness.url}/jobs/${jobId}`, { method: "DELETE", headers, body });
    },
    close: async () => {
      await harness.end();
      await beats.close();
      await git.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function serveRepository(folder: string): Promise<GitServer> {
  const source = join(folder, "source");
  await mkdir(source);
  await writeFile(join(source, "README.md"), "hello\n");
  const git = await startGitServer({ root: join(folder, "served"), token, log: () => undefined });
  await git.createRepository("octo", "app", source, "main");
  return git;
}

/** A program named as the agent is. */
async function writeAgent(folder: string, script: string | undefined): Promise<string> {
  const bin = join(folder, "bin");
  await mkdir(bin);
  const obedient = `exec '${process.execPath}' '${join(import.meta.dirname, "agent.mjs")}'`;
  const scripted = `settle() { printf '{"type":"agent_settled"}\\n'; exit 0; }\nprompt=$(cat)\n${script}\nsettle`;
  const program = `#!/bin/sh\n${script === undefined ? obedient : scripted}\n`;
  await writeFile(join(bin, "pi"), program, { mode: 0o755 });
  return bin;
}

function makeBody(jobId: string, git: GitServer, orders: readonly Order[]) {
  return {
    kind: "agent",
    jobId,
    mode: "coding",
    systemPrompt: "You do as you are told.",
    userPrompt: JSON.stringify(orders),
    model: "scripted",
    proxyBaseUrl: "http://127.0.0.1:9/v1",
    sessionToken: "session-token-123456",
    ghToken: token,
    repo: { owner: "octo", name: "app", baseBranch: "main", cloneUrl: git.repositoryUrl("octo", "app") },
    branch: "main",
    newBranch: `cat/${jobId}`,
    noChangesIsError: false,
    holtAttempt: {
      executionId: "exe_1",
      instance,
      attempt: 1,
      round: 1,
      beatKey: "beat-key-0123456789",
      nextBeatMs,
      limits: {
        cloneMs: 60_000,
        setupMs: 60_000,
        pushMs: 60_000,
        inactivityMs: 600_000,
        maxDurationMs: 3_600_000,
        marginMs: 0,
        checkpointMs: 60_000,
        killGraceMs: 5_000,
      },
    },
  };
}
