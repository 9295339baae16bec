/** What an agent that came to its own end has to report, as the job asked for it. */

import type { ExploreJob } from "../../shared/job-body.ts";
import type { JobResult } from "../../shared/job-result.ts";
import type { AgentEnd } from "../agents/run-agent.ts";
import { type Transcript, addToTranscript } from "../agents/transcript.ts";
import { environmentOf } from "../infra/stand-up.ts";
import { diagnosticsSuffix } from "../structured/diagnostics.ts";
import { type Resolved, resolveStructuredOutput } from "../structured/resolve.ts";
import type { FlowOptions } from "./desk.ts";
import { lastWords, lastWordsOrReply, neverActedClause, neverActedSentence } from "./texts.ts";

export type Report = {
  /** On top of what the agent's work says by itself. */
  readonly result: JobResult;
  /** With what a repair used. */
  readonly transcript: Transcript;
};

/** Asks a model for a repair where that is called for, in a phase of its own. */
export async function reportOn(options: FlowOptions<ExploreJob>, end: AgentEnd): Promise<Report> {
  const { job, context } = options;
  const { transcript } = end;
  const error = unusable(job, end, context.redact);
  if (error !== null) return { result: { error, failureCause: "no-usable-output" }, transcript };
  if (job.output.kind === "prose") return { result: {}, transcript };
  const resolved = await resolveStructuredOutput(job, transcript.summary, {
    ...options,
    jitter: options.random.fraction,
    onRepair: () => context.report.phase("repair"),
  });
  tell(options, resolved);
  const { extracted, usage } = resolved;
  return {
    result: extracted.ok
      ? { custom: { ...extracted.value, ...stamp(job) } }
      : { error: noStructuredResult(end, resolved, context.redact), failureCause: "no-usable-output" },
    transcript: usage === null ? transcript : addToTranscript(transcript, { kind: "usage", usage }),
  };
}

/** Why the reply is of no use, whatever its form; null where it may be. */
function unusable({ output }: ExploreJob, end: AgentEnd, redact: (text: string) => string): string | null {
  const { summary, isFinalTruncated, isFinalEmpty } = end.transcript;
  if (summary.trim() === "") {
    return `the agent produced no report${neverActedClause(end.transcript)}.${lastWords(end)}`;
  }
  if (!output.failOnUnusableFinal || !(isFinalTruncated || isFinalEmpty)) return null;
  const why = isFinalTruncated
    ? "its final answer hit the output ceiling and was cut off"
    : "its final turn carried no text";
  return `the agent did not return a usable result: ${why}.${lastWordsOrReply(end, redact)}`;
}

function noStructuredResult(
  end: AgentEnd,
  { diagnostics }: Resolved,
  redact: (text: string) => string,
): string {
  const never = neverActedSentence(end.transcript);
  const cause = never === "" ? " The agent did not return a parseable JSON object." : never;
  const diagnosis = diagnostics === null ? "" : diagnosticsSuffix(diagnostics);
  return `the agent produced no structured result.${cause}${diagnosis}${lastWordsOrReply(end, redact)}`;
}

/** What the model says of its environment gives way to what is known of it. */
function stamp({ infra }: ExploreJob): { readonly environment?: string } {
  const environment = environmentOf(infra);
  return environment === null ? {} : { environment };
}

function tell(
  { context }: FlowOptions<ExploreJob>,
  { extracted, complaint, usage, diagnostics }: Resolved,
): void {
  const { report } = context;
  if (usage !== null) report.usage(usage);
  if (complaint !== null) {
    const outcome = diagnostics?.repairSucceeded === true ? "a model put it right" : "it was not put right";
    report.note("structured-output", `The reply ${complaint}; ${outcome}.`);
  }
  if (!extracted.ok || extracted.missing.length === 0) return;
  report.note("structured-output", `The structured result lacks: ${extracted.missing.join(", ")}.`);
}
