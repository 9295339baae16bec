/** The agent at work, with checkpoints beside it and nothing left of it afterwards. */

import type { CodingJob } from "../../shared/job-body.ts";
import type { Agent } from "../agents/agent.ts";
import { composeInstructions } from "../agents/instructions.ts";
import { type AgentEnd, runAgent } from "../agents/run-agent.ts";
import type { JobContext } from "../job-context.ts";
import type { Clock } from "../ports.ts";
import { type Environment, childEnvironment } from "../process/environment.ts";
import { killLeftOver } from "../process/left-over.ts";
import type { CodingDesk } from "./coding-desk.ts";

export type AgentPhase = {
  readonly agent: Agent;
  readonly job: CodingJob;
  readonly desk: CodingDesk;
  readonly context: JobContext;
  readonly clock: Clock;
  readonly env: Environment;
};

/** Resolves when the agent has ended, its processes are gone and no checkpoint is under way. */
export async function workWithAgent(phase: AgentPhase): Promise<AgentEnd> {
  const { agent, job, desk, context, clock, env } = phase;
  const { folders, publisher, git } = desk;
  const command = await agent.prepare({ job, instructions: composeInstructions(job), home: folders.home });
  const ended = new AbortController();
  const checkpoints = publisher.runCheckpoints(ended.signal);
  const sessions: number[] = [];
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
      onStart: (pid) => sessions.push(pid),
    });
  } finally {
    ended.abort();
    const marks = { folders: [folders.agent, folders.checkout], sessions, exceptSessions: git.sessions };
    reportLeftOver(context, await killLeftOver(marks, clock));
    await checkpoints;
  }
}

function reportLeftOver(
  { report }: JobContext,
  { killed, survivors }: Awaited<ReturnType<typeof killLeftOver>>,
): void {
  const name = (processes: typeof killed): string =>
    processes
      .slice(0, 10)
      .map(({ name, pid }) => `${name} (${pid})`)
      .join(", ");
  if (killed.length > 0) {
    report.note("processes-ended", `The agent left ${killed.length} processes; ended: ${name(killed)}.`);
  }
  if (survivors.length > 0) {
    report.note("processes-left", `${survivors.length} processes could not be ended: ${name(survivors)}.`);
  }
}
