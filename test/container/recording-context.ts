import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { FlowLimits, JobContext, StopReason } from "../../container/job-context.ts";
import { createRecording } from "../../local/http-server.ts";

export type Reported =
  | { readonly kind: "phase"; readonly phase: string }
  | { readonly kind: "output"; readonly stream: string; readonly text: string }
  | { readonly kind: "tool-start"; readonly tool: string; readonly callId: string; readonly args?: string }
  | { readonly kind: "tool-end"; readonly tool: string; readonly callId: string; readonly ok: boolean }
  | { readonly kind: "progress"; readonly completed: number; readonly total: number }
  | { readonly kind: "usage"; readonly inputTokens: number; readonly outputTokens: number }
  | { readonly kind: "follow-up"; readonly about: string; readonly title: string }
  | { readonly kind: "note"; readonly code: string; readonly text: string };

/** A job's context whose reports are kept, in order, and can be waited for. */
export type RecordingContext = {
  readonly context: JobContext;
  readonly reported: readonly Reported[];
  readonly waitFor: (predicate: (reported: Reported) => boolean) => Promise<Reported>;
  readonly activity: () => number;
  /** Ends what the flow left standing, as the registry does. */
  readonly closeKept: () => Promise<void>;
  /** Asks the job to end, as the registry does. */
  readonly stop: (reason: StopReason) => void;
};

export const stopped: StopReason = {
  kind: "stop",
  cause: "cancelled",
  graceMs: 5_000,
  text: "cancelled: not needed",
};

export async function makeContext(
  folder: string,
  given: {
    readonly limits?: Partial<FlowLimits>;
    readonly secrets?: readonly string[];
    readonly baseCommit?: string;
  } = {},
): Promise<RecordingContext> {
  const jobFolder = join(folder, "job");
  await mkdir(jobFolder, { mode: 0o700 });
  const recording = createRecording<Reported>();
  const stop = new AbortController();
  const noPush = new AbortController();
  let activity = 0;
  const kept: Array<() => Promise<void>> = [];
  const add = recording.add;
  return {
    get reported() {
      return recording.all();
    },
    waitFor: recording.waitFor,
    activity: () => activity,
    closeKept: async () => {
      for (const close of kept) await close();
    },
    stop: (reason) => {
      stop.abort(reason);
      if (reason.kind === "fenced" || reason.kind === "killed") noPush.abort(reason);
    },
    context: {
      folder: jobFolder,
      stop: stop.signal,
      noPush: noPush.signal,
      baseCommit: given.baseCommit ?? null,
      keep: (close) => void kept.push(close),
      redact: (text) => (given.secrets ?? []).reduce((left, secret) => left.replaceAll(secret, "***"), text),
      limits: {
        cloneMs: 20_000,
        setupMs: 20_000,
        pushMs: 20_000,
        checkpointMs: 3_600_000,
        killGraceMs: 500,
        followUpPollMs: 20,
        guard: { maxToolCallsWithoutEdit: 40, maxConsecutiveErrors: 12, maxConsecutiveWebCalls: 25 },
        ...given.limits,
      },
      report: {
        phase: (phase) => add({ kind: "phase", phase }),
        activity: () => (activity += 1),
        output: (stream, text) => add({ kind: "output", stream, text }),
        toolStart: (tool, callId, args) =>
          add({ kind: "tool-start", tool, callId, ...(args !== undefined && { args }) }),
        toolEnd: (tool, callId, ok) => add({ kind: "tool-end", tool, callId, ok }),
        progress: ({ completed, total }) => add({ kind: "progress", completed, total }),
        usage: ({ inputTokens, outputTokens }) => add({ kind: "usage", inputTokens, outputTokens }),
        followUp: ({ kind: about, title }) => add({ kind: "follow-up", about, title }),
        note: (code, text) => add({ kind: "note", code, text }),
      },
    },
  };
}
