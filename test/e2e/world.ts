import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestHarness } from "wrangler";
import type { EngineContainer } from "../../local/engine/engine.ts";
import type { Script } from "../../local/model/script.ts";
import { say } from "../../local/model/script.ts";
import { makeSampleJob } from "../../local/sample-job.ts";
import { createSampleRepository, type SampleRepository } from "../../local/sample/sample.ts";
import { projectRoot, type StandIns, startStandIns } from "../../local/stand-ins.ts";
import { EventsPage, type ExecutionEvent } from "../../shared/events.ts";
import { DispatchAnswer, JobView, StopAnswer } from "../../shared/job-view.ts";
import type { PolicyRequest } from "../../shared/policy.ts";

/** The whole of Holt on this machine: workerd, the engine, the real harness, the stand-ins. */
export type World = {
  /** Removed at the end. */
  readonly stateDir: string;
  readonly standIns: StandIns;
  readonly repository: SampleRepository;
  readonly secrets: {
    readonly git: string;
    readonly model: string;
    /** Of the scope `dispatch`. */
    readonly token: string;
    /** Of the scope `read`. */
    readonly readToken: string;
  };
  readonly url: string;
  /** What the engine, the containers and the stand-ins printed. */
  readonly lines: readonly string[];
  /** What the Worker printed since its workerd began. */
  readonly workerLog: () => readonly string[];
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
  /** The body of a job on the sample repository whose model plays `script`. */
  readonly job: (name: string, script: Script, overrides?: Record<string, unknown>) => JobBody;
  readonly dispatch: (body: JobBody, policy?: PolicyRequest) => Promise<DispatchAnswer>;
  readonly view: (jobId: string) => Promise<JobView>;
  /** The first view that is so; long polls, no sleep. */
  readonly until: (jobId: string, isSo: (view: JobView) => boolean) => Promise<JobView>;
  readonly ended: (jobId: string) => Promise<JobView>;
  readonly events: (jobId: string) => Promise<readonly ExecutionEvent[]>;
  readonly cancel: (jobId: string, reason?: string) => Promise<StopAnswer>;
  /** Containers of the instances that the job's log names. */
  readonly containersOf: (jobId: string) => Promise<readonly EngineContainer[]>;
  readonly close: () => Promise<void>;
};

export type JobBody = Record<string, unknown> & { readonly jobId: string };

const MAX_WAITS = 40;

export type WorldOptions = {
  /** Another configuration of the Worker than the deployed one: with a puppet where the harness goes. */
  readonly configPath?: string;
  readonly containerEnv?: Readonly<Record<string, string>>;
  /** What jobs bring for the git host and the model. */
  readonly tokens?: Readonly<Pick<World["secrets"], "git" | "model">>;
  /** Told of every answer of the Worker's doors. */
  readonly onAnswer?: (path: string, text: string) => void;
  /** Further variables of the Worker. */
  readonly vars?: Readonly<Record<string, string>>;
};

export async function openWorld({
  configPath = "wrangler.toml",
  containerEnv = {},
  tokens = { git: "git_5ecret-0f-the-w0rld", model: "model_5ecret-0f-the-w0rld" },
  onAnswer,
  vars = {},
}: WorldOptions = {}): Promise<World> {
  const stateDir = await mkdtemp(join(tmpdir(), "holt-e2e-"));
  const secrets = { ...tokens, token: "holt_5ecret-0f-the-w0rld", readToken: "holt_reads-0f-the-w0rld" };
  const scripts = new Map<string, Script>();
  const lines: string[] = [];
  const standIns = await startStandIns({
    stateDir,
    script: (conversation) =>
      (scripts.get(conversation.model) ?? (() => say("no script of that name")))(conversation),
    tokens: { git: secrets.git, model: secrets.model },
    log: (line) => lines.push(line),
    output: (_name, line) => lines.push(line),
    containerEnv,
  });
  const repository = await createSampleRepository(standIns.git);
  const before = setEnvironment({
    ...standIns.engine.env,
    WRANGLER_SEND_METRICS: "false",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    WRANGLER_LOG_PATH: join(stateDir, "wrangler-logs"),
  });
  const harness = createTestHarness({
    root: projectRoot,
    workers: [
      {
        configPath,
        vars: { HOLT_ALLOWED_HOSTS: "127.0.0.1", ...vars },
        secrets: {
          HOLT_TOKENS: JSON.stringify([
            { name: "test", sha256: sha256(secrets.token), scopes: ["dispatch"] },
            { name: "reader", sha256: sha256(secrets.readToken), scopes: ["read"] },
          ]),
          HOLT_SEALING_KEY: Buffer.alloc(32, 7).toString("base64"),
        },
      },
    ],
  });
  const { url } = await harness.listen();

  const request = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (!headers.has("authorization")) headers.set("authorization", `Bearer ${secrets.token}`);
    const response = await fetch(new URL(path, url), { ...init, headers });
    if (onAnswer !== undefined) onAnswer(path, await response.clone().text());
    return response;
  };
  const executionOf = (jobId: string): string => /^([a-z]+_[0-9a-z]+)(?:-.*)?$/s.exec(jobId)?.[1] ?? jobId;
  const jobPath = (jobId: string): string =>
    `/v1/executions/${executionOf(jobId)}/jobs/${encodeURIComponent(jobId)}`;
  const view = async (jobId: string): Promise<JobView> =>
    JobView.parse(await (await request(jobPath(jobId))).json());
  const until = async (jobId: string, isSo: (seen: JobView) => boolean): Promise<JobView> => {
    let seen = await view(jobId);
    for (let wait = 0; wait < MAX_WAITS && !isSo(seen); wait += 1) {
      const response = await request(`${jobPath(jobId)}?wait=5`, {
        headers: { "if-none-match": `"${seen.revision}"` },
      });
      if (response.status === 200) seen = JobView.parse(await response.json());
      else await response.arrayBuffer();
    }
    if (!isSo(seen))
      throw new Error(`not so after all: ${JSON.stringify(seen)}\n${lines.slice(-60).join("\n")}`);
    return seen;
  };

  const world: World = {
    stateDir,
    standIns,
    repository,
    secrets,
    url: url.origin,
    lines,
    workerLog: () => harness.getLogs().map(({ message }) => message),
    fetch: request,
    job: (name, script, overrides = {}) => {
      scripts.set(name, script);
      return {
        ...makeSampleJob({
          jobId: `${name}-coder`,
          repository,
          githubUrl: standIns.github.url,
          gitToken: secrets.git,
          modelUrl: standIns.model.url,
          modelToken: secrets.model,
          model: name,
          branch: `holt/${name}`,
        }),
        jobId: `${name}-coder`,
        ...overrides,
      };
    },
    dispatch: async ({ jobId, kind: _saidByTheRoute, ...spec }, policy) => {
      const response = await request(`/v1/executions/${executionOf(jobId)}/jobs`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jobId, spec, ...(policy === undefined ? {} : { policy }) }),
      });
      const body: unknown = await response.json();
      if (response.status !== 202) throw new Error(`dispatch: ${response.status} ${JSON.stringify(body)}`);
      return DispatchAnswer.parse(body);
    },
    view,
    until,
    ended: (jobId) => until(jobId, ({ state }) => state !== "running"),
    events: async (jobId) => {
      const response = await request(`/v1/executions/${executionOf(jobId)}/events?limit=1000`);
      return EventsPage.parse(await response.json()).events;
    },
    cancel: async (jobId, reason = "the test says so") => {
      const response = await request(`${jobPath(jobId)}/cancel`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ reason }),
      });
      return StopAnswer.parse(await response.json());
    },
    containersOf: async (jobId) => {
      const instances = new Set((await world.events(jobId)).map(({ instance }) => instance));
      return standIns.engine.containers().filter(({ env }) => instances.has(env["HARNESS_INSTANCE"] ?? ""));
    },
    close: async () => {
      await harness.close();
      await standIns.close();
      setEnvironment(before);
      await rm(stateDir, { recursive: true, force: true });
    },
  };
  return world;
}

function setEnvironment(
  values: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const before = Object.fromEntries(Object.keys(values).map((name) => [name, process.env[name]]));
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  return before;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
