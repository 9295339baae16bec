/** The agent at work, with checkpoints beside it and nothing left of it afterwards. */

import type { CodingJob } from "../../shared/job-body.ts";
import type { Agent } from "../agents/agent.ts";
import { composeInstructions } from "../agents/instructions.ts";
import { type AgentEnd, runAgent } from "../agents/run-agent.ts";
import type { JobContext } from "../job-context.ts";
import type { Clock } from "../ports.ts";
import { type Environment, childEnvironment } from "../process/environment.ts";
import {
  type LeftOver,
  type Marks,
  findExpendable,
  killLeftOver,
  makeExpendable,
} from "../process/left-over.ts";
import type { CodingDesk } from "./coding-desk.ts";

export type AgentPhase = {
  readonly agent: Agent;
  readonly job: CodingJob;
  readonly desk: CodingDesk;
  readonly context: JobContext;
  readonly clock: Clock;
  readonly env: Environment;
  readonly ownsAccount: () => boolean;
};

/** Resolves when the agent has ended, its processes are gone and no checkpoint is under way. */
export async function workWithAgent(phase: AgentPhase): Promise<AgentEnd> {
  const { agent, job, desk, context, env, ownsAccount } = phase;
  const { folders, publisher, git } = desk;
  const command = await agent.prepare({ job, instructions: composeInstructions(job), home: folders.home });
  const ended = new AbortController();
  const checkpoints = publisher.runCheckpoints(ended.signal);
  const sessions: number[] = [];
  let oomScore: number | null = null;
  try {
    return await runAgent({
      agent,
      command,
      context,
      cwd: desk.workplace,
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
    await checkpoints;
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
