import type { CallFailure } from "../shared/client.ts";
import type { JobView } from "../shared/job-view.ts";

/** What the command's exit codes mean. One that was interrupted ends with 130, one whose reader went away with 141. */
export const ExitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  cancelled: 3,
  unreachable: 4,
  unauthorized: 5,
} as const;

/** Of a job that has ended. A result with an error is a job that failed in meaning. */
export function exitCodeOf({ status, result }: Pick<JobView, "status" | "result">): number {
  if (status === "cancelled") return ExitCode.cancelled;
  return status === "done" && result?.error === undefined ? ExitCode.done : ExitCode.failed;
}

export function exitCodeOfFailure({ code, status }: CallFailure): number {
  if (code === "unreachable" || code === "unexpected-answer") return ExitCode.unreachable;
  if (code === "unauthorized" || code === "forbidden" || code === "auth-not-configured") {
    return ExitCode.unauthorized;
  }
  // Refused before anything was sent: what was typed is no id.
  return status === null ? ExitCode.usage : ExitCode.failed;
}

/** Ends the command with an exit code and, where there is a message, a line that says why. */
export class CommandEnd extends Error {
  readonly exitCode: number;
  readonly failure: CallFailure | null;
  constructor(exitCode: number, message: string, failure: CallFailure | null = null) {
    super(message);
    this.exitCode = exitCode;
    this.failure = failure;
  }
}

export function misuse(message: string): CommandEnd {
  return new CommandEnd(ExitCode.usage, message);
}

/** A file of the caller's that the machine does not let the command read or write. */
export function unusable(path: string, use: "read" | "written", error: unknown): CommandEnd {
  return misuse(`${path} cannot be ${use}: ${error instanceof Error ? error.message : String(error)}`);
}

export function failed(failure: CallFailure): CommandEnd {
  return new CommandEnd(exitCodeOfFailure(failure), failure.error, failure);
}
