/** The texts and results with which a flow ends, as the job protocol's clients know them. */

import * as z from "zod";
import { FailureCause, type JobResult, type Terminal } from "../../shared/job-result.ts";
import type { JobContext, StopReason } from "../job-context.ts";
import type { Failure } from "../process/step.ts";

export function endDone(result: JobResult): Terminal {
  return { state: "done", result };
}

/** `result` is what had been achieved all the same. */
export function endFailed(context: JobContext, failure: Failure, result?: JobResult): Terminal {
  return {
    state: "failed",
    error: context.redact(failure.text),
    failureCause: failure.cause,
    ...(result !== undefined && { result }),
  };
}

/** The end of a job that was asked to end; whoever asked has said why. */
export function endStopped(context: JobContext, result?: JobResult): Terminal {
  const reason = stopReasonOf(context.stop);
  const cause = FailureCause.safeParse(reason.kind === "stop" ? reason.cause : null);
  return {
    state: "failed",
    error: context.redact(stopText(reason)),
    ...(cause.success && { failureCause: cause.data }),
    ...(result !== undefined && { result }),
  };
}

function stopText(reason: StopReason): string {
  if (reason.kind === "stop") return reason.text;
  if (reason.kind === "drain") return "the harness was told to end (SIGTERM) before the job was done";
  if (reason.kind === "fenced") return "another attempt of this job has taken over";
  return "the harness was ended (SIGTERM after a stop) before the job was done";
}

const GivenReason = z.union([
  z.object({ kind: z.literal("stop"), cause: z.string(), graceMs: z.number(), text: z.string() }),
  z.object({ kind: z.enum(["drain", "fenced", "killed"]) }),
]);

/** The reason of an abort signal has no type of its own. */
function stopReasonOf(stop: AbortSignal): StopReason {
  const given = GivenReason.safeParse(stop.reason);
  if (!given.success) return { kind: "drain" };
  return given.data.kind === "stop" ? given.data : { kind: given.data.kind };
}
