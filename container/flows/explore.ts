/** The explore job: clone, stand up, agent, report. Nothing is committed or pushed; what the agent edits is discarded. */

import type { ExploreJob } from "../../shared/job-body.ts";
import type { JobResult, Terminal } from "../../shared/job-result.ts";
import { agentOf } from "../agents/agents.ts";
import { type AgentEnd, agentFailure } from "../agents/run-agent.ts";
import { type StandUp, appendNotes, standUpInfra } from "../infra/stand-up.ts";
import { workWithAgent } from "./agent-phase.ts";
import type { FlowOptions } from "./desk.ts";
import { endDone, endFailed, endStopped } from "./ending.ts";
import { type ExploreDesk, openExploreDesk } from "./explore-desk.ts";
import { reportOn } from "./explore-report.ts";
import { workOf } from "./stats.ts";

export async function runExplore(options: FlowOptions<ExploreJob>): Promise<Terminal> {
  const { context } = options;
  const opened = await openExploreDesk(options);
  if (context.stop.aborted) return endStopped(context);
  if (!opened.ok) return endFailed(context, opened.failure);
  const desk = opened.value;
  const standUp = await standUpFor(options, desk);
  try {
    if (context.stop.aborted) return endStopped(context, infraOf(standUp));
    return await explore(options, desk, standUp);
  } finally {
    await standUp?.close();
  }
}

async function standUpFor(
  options: FlowOptions<ExploreJob>,
  { folders, git, workplace }: ExploreDesk,
): Promise<StandUp | null> {
  const { infra } = options.job;
  if (infra === undefined) return null;
  options.context.report.phase("infra");
  const exceptSessions = git.sessions;
  return standUpInfra({ ...options, infra, checkout: folders.checkout, workplace, folders, exceptSessions });
}

async function explore(
  options: FlowOptions<ExploreJob>,
  desk: ExploreDesk,
  standUp: StandUp | null,
): Promise<Terminal> {
  const { job, context } = options;
  context.report.phase("agent");
  const end = await workWithAgent({
    ...options,
    job: { ...job, userPrompt: appendNotes(job.userPrompt, standUp) },
    desk,
    workplace: desk.workplace,
    ...(standUp !== null && { exceptSessions: standUp.sessions }),
  });
  const result = (ended: Pick<AgentEnd, "transcript">): JobResult => ({
    ...workOf(job, ended.transcript),
    ...infraOf(standUp),
  });
  if (context.stop.aborted) return endStopped(context, result(end));
  const failure = agentFailure(agentOf(job), end, context.redact);
  if (failure !== null) return endFailed(context, { cause: "agent", text: failure }, result(end));
  const report = await reportOn(options, end);
  const worked = result({ transcript: report.transcript });
  // a stop that a repair ran into is no failure of the reply
  return context.stop.aborted ? endStopped(context, worked) : endDone({ ...worked, ...report.result });
}

function infraOf(standUp: StandUp | null): JobResult {
  return standUp === null || standUp.record === null ? {} : { infraSetup: standUp.record };
}
