/** The agent at work, with checkpoints beside it and nothing left of it afterwards. */

import { agentOf } from "../agents/agents.ts";
import { composeInstructions } from "../agents/instructions.ts";
import { type AgentEnd, runAgent } from "../agents/run-agent.ts";
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

export type AgentPhase = FlowOptions & {
  readonly desk: Pick<Desk, "folders" | "git">;
  /** The agent's working directory. */
  readonly workplace: string;
  /** What runs beside the agent until `signal` is aborted; it is waited for. */
  readonly beside?: (signal: AbortSignal) => Promise<void>;
};

/** Resolves when the agent has ended, its processes are gone and nothing beside it is under way. */
export async function workWithAgent(phase: AgentPhase): Promise<AgentEnd> {
  const { job, desk, workplace, context, env, user, ownsAccount, beside } = phase;
  const { folders, git } = desk;
  const agent = agentOf(job);
  const instructions = composeInstructions(job);
  const command = await agent.prepare({ job, instructions, home: folders.home, environment: env });
  await handOver([folders.agent, folders.checkout], { user, env });
  const ended = new AbortController();
  const company = beside?.(ended.signal);
  const sessions: number[] = [];
  let oomScore: number | null = null;
  try {
    return await runAgent({
      agent,
      command,
      context,
      user,
      cwd: workplace,
      // the agent's own git has no credentials, and must not wait for somebody to type them
      env: childEnvironment(env, {
        HOME: folders.home,
        TMPDIR: folders.temporary,
        GIT_TERMINAL_PROMPT: "0",
        ...command.env,
      }),
      onStart: (pid) => {
        sessions.push(pid);
        oomScore = makeExpendable(pid);
      },
    });
  } finally {
    ended.abort();
    const exceptSessions = git.sessions;
    const marks = { folders: [folders.agent, folders.checkout], sessions, exceptSessions, ownsAccount };
    await endLeftOver(phase, marks, oomScore);
    await company;
  }
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
