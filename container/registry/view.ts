import type { HarnessView } from "../../shared/harness-wire.ts";
import type { Terminal } from "../../shared/job-result.ts";
import type { Telemetry } from "./telemetry.ts";

export type ViewParts = {
  readonly id: string;
  readonly boot: string;
  readonly instance: string | null;
  /** Absent for a job that came without an attempt. */
  readonly attempt: number | null;
  readonly telemetry: Telemetry;
  /** Null while the job is at work. */
  readonly terminal: Terminal | null;
  /** Whether what the job left standing still stands. */
  readonly isKeeping: boolean;
};

/** What is known of a job, without what is handed over once. */
export function toView(parts: ViewParts): HarnessView {
  const { id, boot, instance, attempt, telemetry, terminal, isKeeping } = parts;
  const { startedAt, heartbeatAt, phase, progress } = telemetry;
  return {
    id,
    state: terminal === null ? "running" : terminal.state,
    startedAt,
    heartbeatAt,
    phase: terminal === null ? phase : terminal.state,
    ...(progress !== undefined && { progress }),
    ...(terminal !== null && endOf(terminal, isKeeping)),
    boot,
    instance,
    ...(attempt !== null && { attempt }),
  };
}

/** What a failed job had achieved all the same stands beside its error. A `done` job whose result has an error failed in meaning; its cause then stands beside the result too. */
function endOf(terminal: Terminal, isKeeping: boolean): Partial<HarnessView> {
  if (terminal.state === "done") {
    const { result } = terminal;
    const { error, failureCause } = result;
    // at the address of a preview that has ended somebody else's app may stand
    const preview = result.preview && !isKeeping ? { preview: { ...result.preview, ended: true } } : {};
    return {
      result: { ...result, ...preview },
      ...(error !== undefined && failureCause !== undefined && { failureCause }),
    };
  }
  const { error, failureCause, detail, result } = terminal;
  return {
    error,
    ...(result !== undefined && { result }),
    ...(failureCause !== undefined && { failureCause }),
    ...(detail !== undefined && { detail }),
  };
}
