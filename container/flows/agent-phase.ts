/** The agent at work, with checkpoints beside it and nothing left of it afterwards. */

import { basename, join } from "node:path";
import { agentOf } from "../agents/agents.ts";
import { makeGuard } from "../agents/guard/guard-watch.ts";
import { composeInstructions } from "../agents/instructions.ts";
import { type AgentEnd, agentFailure, runAgent } from "../agents/run-agent.ts";
import { chooseWebSearch } from "../agents/web-search.ts";
import { childEnvironment } from "../process/environment.ts";
import { handOver } from "../process/hand-over.ts";
import {
  type LeftOver,
  type Marks,
  findExpendable,
  killLeftOver,
  makeExpendable,
} from "../process/left-over.ts";
import type { Desk, FlowOptions } from "./desk.ts";
import { startFollowUps } from "./follow-ups.ts";
import { makeAgentHome } from "./job-folders.ts";

export type AgentPhase = FlowOptions & {
  readonly desk: Pick<Desk, "folders" | "git">;
  /** The agent's working directory. */
  readonly workplace: string;
  /** Sessions that are somebody else's and outlive the agent: of servers that were stood up for it. */
  readonly exceptSessions?: () => readonly number[];
  /** What runs beside the agent until `signal` is aborted; it is waited for. */
  readonly beside?: (signal: AbortSignal) => Promise<void>;
};

/** Resolves when the agent has ended, its processes are gone and nothing beside it is under way. */
export async function workWithAgent(phase: AgentPhase): Promise<AgentEnd> {
  const { job, desk, workplace, context, env, user, ownsAccount } = phase;
  const { folders, git } = desk;
  const agent = agentOf(job);
  const home = await makeAgentHome(folders);
  const { webSearch, note, hasGuidance } = chooseWebSearch(job, env);
  if (note !== null) context.report.note("web-search-off", note);
  const instructions = composeInstructions(job, hasGuidance);
  const command = await agent.prepare({ job, instructions, home, webSearch, environment: env });
  await handOver([home], { user, env });
  const guard = await makeGuard({
    bounds: context.limits.guard,
    own: job.guardLimits,
    expectsEdits: job.mode === "coding",
    checkout: folders.checkout,
    marker: join(folders.harness, `${basename(home)}.began`),
  });
  const ended = new AbortController();
  const company = await keepCompany(phase, ended.signal);
  const sessions: number[] = [];
  let oomScore: number | null = null;
  try {
    const end = await runAgent({
      agent,
      command,
      context,
      user,
      guard,
      cwd: workplace,
      // the agent's own git has no credentials, and must not wait for somebody to type them
      env: childEnvironment(env, {
        HOME: home,
        TMPDIR: folders.temporary,
        GIT_TERMINAL_PROMPT: "0",
        ...command.env,
      }),
      onStart: (pid) => {
        sessions.push(pid);
        oomScore = makeExpendable(pid);
      },
    });
    // What follows is the harness's own work, and no silence of an agent.
    const hasEndedWell = !context.stop.aborted && agentFailure(agent, end, context.redact) === null;
    if (job.mode === "coding" && hasEndedWell) context.report.phase("saving");
    return end;
  } finally {
    ended.abort();
    const exceptSessions = (): readonly number[] => [...git.sessions(), ...(phase.exceptSessions?.() ?? [])];
    const marks = { folders: [folders.agent, folders.checkout], sessions, exceptSessions, user, ownsAccount };
    await endLeftOver(phase, marks, oomScore);
    await company();
    // the processes that served a checkpoint were the agent's to take over, and were spared while it lasted
    if (user !== null && phase.beside !== undefined) await endLeftOver(phase, marks, null);
  }
}

/** Starts what goes on beside the agent; the result ends it, once `signal` is aborted. */
async function keepCompany(phase: AgentPhase, signal: AbortSignal): Promise<() => Promise<void>> {
  const { job, context, clock, workplace: folder, beside } = phase;
  const { report, limits } = context;
  const pollMs = limits.followUpPollMs;
  const followUps = job.streamFollowUps
    ? await startFollowUps({ folder, report, clock, pollMs, signal })
    : null;
  const besides = beside?.(signal);
  return async () => {
    await Promise.all([followUps?.finish(), besides]);
  };
}

async function endLeftOver(
  { context, clock }: AgentPhase,
  marks: Marks,
  oomScore: number | null,
): Promise<void> {
  const { killed, survivors } = await killLeftOver(marks, clock);
  const unnamed = oomScore === null ? [] : await findExpendable(oomScore, marks);
  const { note } = context.report;
  if (killed.length > 0) {
    note("processes-ended", `The agent left ${killed.length} processes; ended: ${list(killed)}.`);
  }
  if (survivors.length > 0) {
    note("processes-left", `${survivors.length} processes could not be ended: ${list(survivors)}.`);
  }
  const unproven = unnamed.filter(({ pid }) => survivors.every((survivor) => survivor.pid !== pid));
  if (unproven.length === 0) return;
  note(
    "processes-left",
    `${unproven.length} processes that seem to be the agent's were left alone, since nothing proves that they are: ${list(unproven)}.`,
  );
}

function list(processes: readonly LeftOver[]): string {
  const first = processes.slice(0, 10).map(({ name, pid }) => `${name} (${pid})`);
  return [...first, ...(processes.length > first.length ? ["…"] : [])].join(", ");
}
