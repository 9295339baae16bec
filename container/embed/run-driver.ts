/** One run of an agent's program in a folder of the caller's. */

import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import type { AgentJob } from "../../shared/job-body.ts";
import { createRedactor } from "../../shared/redact.ts";
import type { AgentEvent } from "../agents/agent.ts";
import { agentOf } from "../agents/agents.ts";
import { type AgentEnd, agentFailure, runAgent } from "../agents/run-agent.ts";
import { type Environment, childEnvironment } from "../process/environment.ts";
import { killLeftOver } from "../process/left-over.ts";
import { systemClock } from "../system.ts";
import { silentReport } from "./silent-report.ts";

export type DriverRun = {
  /** Which program works, and what it authenticates to its model with: the fields of a dispatch, as one value. */
  readonly agent: AgentJob["agent"];
  readonly model: string;
  /** The role's text, complete: no guidance is added to it. */
  readonly instructions: string;
  /** What is to be done; reaches the program over standard input. */
  readonly prompt: string;
  /** The program's working directory; absolute. */
  readonly cwd: string;
  /** An existing folder outside `cwd`; absolute. The run makes a home in it and takes it away again. */
  readonly scratch: string;
  /** The program is found by its PATH, and gets an allow-listed part of it: no token that stands in it. */
  readonly env: Environment;
  /** Aborted to end the run: SIGTERM to the program's group, SIGKILL after `killGraceMs`. */
  readonly signal?: AbortSignal;
  /** Milliseconds; 5,000 unless given. */
  readonly killGraceMs?: number;
  /** Values that `failure`, `stderr` and `noise` must not show, beside the agent's own credentials. */
  readonly secrets?: readonly string[];
  /** Called for each event as it comes, unredacted; must not throw. */
  readonly onEvent?: (event: AgentEvent) => void;
};

export type DriverEnd = AgentEnd & {
  /** Why the agent did not carry out what it was asked, redacted; null where it came to its own end. */
  readonly failure: string | null;
};

/**
 * Runs an agent to its end and ends what it left running: its process group, its session, and every process whose
 * environment names its home. Rejects where the home cannot be made or an ambient login is missing; whatever goes wrong
 * with the program itself is `failure`. There is no guard and no limit of time: both are the caller's, by `signal`.
 */
export async function runDriver(run: DriverRun): Promise<DriverEnd> {
  const driver = agentOf(run);
  // marks of processes are compared as text, so no link may stand in them
  const folder = await mkdtemp(join(await realpath(run.scratch), "run-"));
  const [home, temporary] = [join(folder, "home"), join(folder, "tmp")];
  const sessions: number[] = [];
  const { redact } = createRedactor([...(run.secrets ?? []), ...credentialsOf(run.agent)]);
  try {
    for (const path of [home, temporary]) await mkdir(path, { mode: 0o700 });
    const command = await driver.prepare({
      job: { agent: run.agent, model: run.model, userPrompt: run.prompt, webSearch: false },
      instructions: run.instructions,
      home,
      environment: run.env,
    });
    const end = await runAgent({
      agent: driver,
      command,
      cwd: run.cwd,
      env: childEnvironment(run.env, {
        HOME: home,
        TMPDIR: temporary,
        GIT_TERMINAL_PROMPT: "0",
        ...command.env,
      }),
      user: null,
      guard: null,
      context: {
        report: silentReport,
        stop: run.signal ?? new AbortController().signal,
        redact,
        limits: { killGraceMs: run.killGraceMs ?? 5_000 },
      },
      onStart: (pid) => void sessions.push(pid),
      ...(run.onEvent !== undefined && { onEvent: run.onEvent }),
    });
    return { ...end, failure: agentFailure(driver, end, redact) };
  } finally {
    await killLeftOver({ folders: [folder], sessions, exceptSessions: () => [] }, systemClock);
    await rm(folder, { recursive: true, force: true });
  }
}

function credentialsOf(agent: AgentJob["agent"]): readonly string[] {
  if (agent.kind === "pi") return [agent.sessionToken];
  return agent.auth.kind === "token" ? [agent.auth.subscriptionToken] : [];
}
