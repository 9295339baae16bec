import { join } from "node:path";
import * as z from "zod";
import { Closers } from "../../../local/closers.ts";
import type { EngineContainer } from "../../../local/engine/engine.ts";
import { type GitHub, startGitHub } from "../../../local/github/github.ts";
import { type GitServer, startGitServer } from "../../../local/git-server/git-server.ts";
import { createSampleRepository, type SampleRepository } from "../../../local/sample/sample.ts";
import { EventsPage, type ExecutionEvent } from "../../../shared/events.ts";
import { JobView } from "../../../shared/job-view.ts";
import type { PolicyRequest } from "../../../shared/policy.ts";
import { type Gate, makeGate } from "../gate.ts";
import type { JobBody, World } from "../world.ts";
import { makeAgentScript, type AgentScript } from "./agent-script.ts";
import type { FaultName, PhaseName } from "./matrix.ts";
import { policyOf } from "./policy.ts";

/** One cell's own execution, git host, hosting API and agent, in a world that it shares with others. */
export type Stage = {
  readonly world: World;
  readonly fault: FaultName;
  readonly phase: PhaseName;
  readonly execution: string;
  readonly body: JobBody;
  /** The body of a job before it in the execution's line, which does nothing until the gate opens. */
  readonly ahead: JobBody;
  readonly scale: number;
  readonly policy: PolicyRequest;
  readonly git: GitServer;
  readonly repository: SampleRepository;
  readonly branch: string;
  readonly agent: AgentScript;
  /** Where a tool call of the agent waits. */
  readonly gate: Gate;
  readonly dispatch: (body: JobBody, policy: PolicyRequest) => Promise<Dispatched>;
  /** A dispatch that must be accepted. */
  readonly submit: (body: JobBody, policy: PolicyRequest) => Promise<void>;
  readonly view: (jobId?: string) => Promise<JobView>;
  readonly until: (isSo: (view: JobView) => boolean, jobId?: string) => Promise<JobView>;
  readonly events: () => Promise<readonly ExecutionEvent[]>;
  /** Every container that the execution's log or a view names. */
  readonly containers: () => Promise<readonly EngineContainer[]>;
  readonly close: () => Promise<void>;
};

export type StageOptions = {
  readonly fault: FaultName;
  readonly phase: PhaseName;
  readonly scale: number;
  /** It waits in its phase for others. */
  readonly isTogether: boolean;
};

export type Dispatched = { readonly status: number; readonly code: string | null };

const ErrorCode = z.looseObject({ code: z.string().optional() });
/** Of a wait for what the matrix says will be; more than any scaled policy needs. */
const PATIENCE_MS = 180_000;

export async function openStage(
  world: World,
  { fault, phase, scale, isTogether }: StageOptions,
): Promise<Stage> {
  const closers = new Closers();
  const kept = <T extends { readonly close: () => Promise<void> }>(made: T): T => {
    closers.add(made.close);
    return made;
  };
  const execution = `faults_${fault}${phase}`.replaceAll("-", "");
  const branch = `holt/${execution}`;
  const log = (): void => undefined;
  const { git: token } = world.secrets;
  const git = kept(await startGitServer({ root: join(world.stateDir, "hosts", execution), token, log }));
  const github: GitHub = kept(await startGitHub({ token, git, log }));
  const repository = await createSampleRepository(git);
  const gate = kept(await makeGate());
  const agent = makeAgentScript({ phase, gate, git, branch });
  const there = { repo: repoOf(repository), githubApiBase: github.url };
  const body = { ...world.job(execution, agent.script, there), jobId: `${execution}-coder` };
  const aheadName = `${execution}-ahead`;
  const ahead = { ...world.job(aheadName, agent.aheadScript, there), jobId: aheadName };

  const call = async (path: string, init?: RequestInit): Promise<Response> => {
    const givenUp = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      try {
        const response = await world.fetch(path, init);
        if (response.status < 500) return response;
        await response.arrayBuffer();
      } catch (error) {
        // A request under way when its object or its workerd ends is lost; whoever sent it asks again.
        if (givenUp.aborted) throw error;
      }
      givenUp.throwIfAborted();
    }
  };
  const jobPath = (jobId: string): string => `/v1/executions/${execution}/jobs/${jobId}`;
  const view = async (jobId = body.jobId): Promise<JobView> =>
    JobView.parse(await (await call(jobPath(jobId))).json());

  const stage: Stage = {
    world,
    fault,
    phase,
    execution,
    body,
    ahead,
    scale,
    policy: policyOf(phase, scale, isTogether),
    git,
    repository,
    branch,
    agent,
    gate,
    dispatch: async ({ jobId, kind: _saidByTheRoute, ...spec }, policy) => {
      const response = await call(`/v1/executions/${execution}/jobs`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jobId, spec, policy }),
      });
      return { status: response.status, code: ErrorCode.parse(await response.json()).code ?? null };
    },
    submit: async (wanted, policy) => {
      const { status, code } = await stage.dispatch(wanted, policy);
      if (status !== 202) throw new Error(`the dispatch was answered with ${status} ${code}`);
    },
    view,
    until: async (isSo, jobId = body.jobId) => {
      const since = performance.now();
      let seen = await view(jobId);
      while (!isSo(seen)) {
        if (performance.now() - since > PATIENCE_MS)
          throw new Error(`not so after all: ${JSON.stringify(seen)}`);
        const response = await call(`${jobPath(jobId)}?wait=5`, {
          headers: { "if-none-match": `"${seen.revision}"` },
        });
        if (response.status === 200) seen = JobView.parse(await response.json());
        else await response.arrayBuffer();
      }
      return seen;
    },
    events: async () => {
      const response = await call(`/v1/executions/${execution}/events?limit=1000`);
      return EventsPage.parse(await response.json()).events;
    },
    containers: async () => {
      const named = (await stage.events()).map(({ instance }) => instance);
      const shown = (await view()).container?.instance;
      const instances = new Set([...named, shown]);
      return world.standIns.engine
        .containers()
        .filter(({ env }) => instances.has(env["HARNESS_INSTANCE"] ?? ""));
    },
    close: () => closers.closeAll(),
  };
  return stage;
}

/** The container that lives. */
export async function liveContainer(
  stage: Stage,
  jobId?: string,
): Promise<EngineContainer & { readonly pid: number }> {
  const instance = (await stage.view(jobId)).container?.instance;
  const found = stage.world.standIns.engine
    .containers()
    .find(({ env, state }) => env["HARNESS_INSTANCE"] === instance && state === "running");
  if (found?.pid == null) throw new Error(`no container of instance ${instance} runs`);
  return { ...found, pid: found.pid };
}

function repoOf({ owner, name, baseBranch, cloneUrl }: SampleRepository): Record<string, string> {
  return { owner, name, baseBranch, cloneUrl, provider: "github" };
}
