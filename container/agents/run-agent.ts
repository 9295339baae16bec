/** Runs one agent over one checkout: its events become reports as they come, and a transcript at the end. */

import type { FlowLimits, JobContext } from "../job-context.ts";
import { type ProcessEnd, runProcess } from "../process.ts";
import type { AgentUser } from "../process/agent-user.ts";
import { describeExit, isSuccess } from "../process/exit.ts";
import { createTail } from "../process/tail.ts";
import { redactHead } from "../redact-head.ts";
import type { Agent, AgentCommand, AgentEvent } from "./agent.ts";
import { createAgentReader } from "./agent-reader.ts";
import { type GuardWatch, watchCalls } from "./guard/guard-watch.ts";
import type { ProgressGuard } from "./guard/progress-guard.ts";
import type { Transcript } from "./transcript.ts";

export type AgentRun = {
  readonly agent: Agent;
  readonly command: AgentCommand;
  /** The complete environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly user: AgentUser | null;
  /** Null for an agent that may do as it likes. */
  readonly guard: ProgressGuard | null;
  readonly context: AgentContext;
  /** The agent's process, which is also its session. */
  readonly onStart: (pid: number) => void;
  /** Each event as it comes, unredacted. */
  readonly onEvent?: (event: AgentEvent) => void;
};

/** What of a job's context its agent's run has to do with. */
export type AgentContext = Pick<JobContext, "report" | "stop" | "redact"> & {
  readonly limits: Pick<FlowLimits, "killGraceMs">;
};

export type AgentEnd = Pick<ProcessEnd, "exit"> & {
  readonly transcript: Transcript;
  /** Why the guard ended it; null where it did not. */
  readonly trip: string | null;
  /** Redacted, whole lines. */
  readonly stderr: string;
  /** What it printed that was no event; redacted. */
  readonly noise: string;
};

/** Lines of standard error that are reported; what a flood has beyond them is counted. */
const maxStderrLines = 500;

export async function runAgent(run: AgentRun): Promise<AgentEnd> {
  const { agent, context } = run;
  const noise = createTail({ redact: context.redact });
  const guard: GuardWatch = watchCalls(run.guard);
  const reader = createAgentReader(agent, {
    onEvent: (event) => {
      run.onEvent?.(event);
      reportEvent(context, event);
      if (event.kind === "tool-start") guard.begin(event);
      else if (event.kind === "tool-end") guard.take(event);
    },
    onNoise: (line) => noise.write(Buffer.from(`${line}\n`)),
  });
  let stderrLines = 0;
  const end = await runProcess({
    ...run.command,
    cwd: run.cwd,
    env: run.env,
    user: run.user,
    killGraceMs: context.limits.killGraceMs,
    signal: AbortSignal.any([context.stop, guard.tripped]),
    onStart: run.onStart,
    onActivity: context.report.activity,
    onStdout: reader.write,
    redact: context.redact,
    onStderrLine: (line) => {
      stderrLines += 1;
      if (stderrLines <= maxStderrLines) context.report.output("stderr", line);
    },
  });
  guard.close();
  const { transcript, noiseLines, overlongLines } = reader.end();
  noise.end();
  reportDropped(context, {
    "lines that are no events": noiseLines,
    "overlong lines": overlongLines,
    "lines of standard error": Math.max(0, stderrLines - maxStderrLines),
  });
  const redacted = (lines: readonly string[]): string => context.redact(lines.join("\n")).trim();
  return {
    exit: end.exit,
    transcript,
    trip: end.exit.kind === "cancelled" && !context.stop.aborted ? guard.reason() : null,
    stderr: redacted(end.stderrLines),
    noise: redacted(noise.lines()),
  };
}

/** Why the agent did not carry out its task; null where it came to its own end. */
export function agentFailure(agent: Agent, end: AgentEnd, redact: (text: string) => string): string | null {
  const { exit, transcript, stderr } = end;
  const modelError = transcript.modelError && redactHead(transcript.modelError, 1_000, redact).text;
  // Claude Code and Codex exit with 1 after a model error, whose reason stands in their events alone
  const lastWords = modelError?.slice(0, 1_000) ?? (stderr === "" ? end.noise : stderr).slice(-500);
  const because = lastWords === "" ? "" : `: ${lastWords}`;
  if (exit.kind === "spawn-failed") return redact(exit.error);
  if (end.trip !== null) return `${end.trip}${stderr === "" ? "" : ` Agent stderr: ${stderr.slice(-700)}`}`;
  if (!isSuccess(exit)) return `${agent.name} ${describeExit(exit)}${because}`;
  if (modelError !== null) {
    const tail = stderr === "" ? "" : ` Agent stderr: ${stderr.slice(-1_500)}`;
    return `${modelError.slice(0, 1_000)}${tail}`;
  }
  // what a prompt is taken for may end a run before it begins, with a clean exit
  return transcript.isSettled ? null : `${agent.name} exited with code 0 before it was done${because}`;
}

function reportDropped({ report }: AgentContext, dropped: Readonly<Record<string, number>>): void {
  const counts = Object.entries(dropped).filter(([, count]) => count > 0);
  if (counts.length === 0) return;
  const text = counts.map(([what, count]) => `${count} ${what}`).join(", ");
  report.note("agent-output-dropped", `Output of the agent that was not read: ${text}.`);
}

function reportEvent({ report }: AgentContext, event: AgentEvent): void {
  if (event.kind === "tool-start") report.toolStart(event.tool, event.callId, event.args);
  else if (event.kind === "tool-end") report.toolEnd(event.tool, event.callId, event.ok);
  else if (event.kind === "progress") report.progress(event.progress);
  else if (event.kind === "usage") report.usage(event.usage);
  else if (event.kind === "answer" && event.text !== "") report.output("agent", event.text);
  else if (event.kind === "model-error") report.output("harness", `model error: ${event.text}`);
}
