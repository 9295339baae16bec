import type { AgentJob } from "../shared/job-body.ts";
import type { FollowUp, Progress, Terminal } from "../shared/job-result.ts";
import type { GuardBounds } from "./config.ts";

/**
 * Why a job is asked to end before its work is done. `stop` comes from the object or a watchdog of our own and leaves
 * time for a last checkpoint; `drain` is a SIGTERM nobody announced and does too; `fenced` means that another attempt
 * owns the job, `killed` that a SIGTERM followed a stop: after either nothing may leave this machine.
 */
export type StopReason =
  | { readonly kind: "stop"; readonly cause: string; readonly graceMs: number; readonly text: string }
  | { readonly kind: "drain" }
  | { readonly kind: "fenced" }
  | { readonly kind: "killed" };

/** Token counts of one model answer, by class. */
export type Usage = {
  readonly model?: string;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
};

/** What a flow tells while it works; every text passes the job's redactor on its way out. */
export type JobReport = {
  readonly phase: (phase: string) => void;
  /** Any byte of the agent: it is alive, which is not progress. */
  readonly activity: () => void;
  readonly output: (stream: "agent" | "stderr" | "harness", text: string) => void;
  readonly toolStart: (tool: string, callId: string, argsSummary?: string) => void;
  readonly toolEnd: (tool: string, callId: string, ok: boolean) => void;
  readonly progress: (progress: Progress) => void;
  readonly usage: (usage: Usage) => void;
  readonly followUp: (followUp: FollowUp) => void;
  readonly note: (code: string, text: string) => void;
};

/** What a flow works with. */
export type JobContext = {
  readonly report: JobReport;
  /** Aborted, with a StopReason as its reason, when the job is to end early. */
  readonly stop: AbortSignal;
  /** Aborted when nothing may be pushed any more (reasons `fenced` and `killed`). */
  readonly noPush: AbortSignal;
  /** This job's own folder: home, checkout and temporary files below it; removed after the job. Absolute, mode 0700. */
  readonly folder: string;
  /** Known values and shapes out of a text. */
  readonly redact: (text: string) => string;
  readonly limits: FlowLimits;
  /** The commit the job's first attempt began from, where this is a later one. */
  readonly baseCommit: string | null;
  /**
   * For what outlives a job that is done: its folder then stays, and so do the processes that `close` ends. Called when the
   * job is stopped or begun anew, when another job is to serve a frontend, and at shutdown. Idempotent.
   */
  readonly keep: (close: () => Promise<void>) => void;
};

/** Milliseconds, each already including the harness's margin over the object's own deadline; and the bounds of the guard. */
export type FlowLimits = {
  readonly cloneMs: number;
  /** Of one stand-up, and of one repair call. */
  readonly setupMs: number;
  readonly pushMs: number;
  readonly checkpointMs: number;
  readonly killGraceMs: number;
  /** How often the follow-ups of an agent are looked for. */
  readonly followUpPollMs: number;
  readonly guard: GuardBounds;
};

/**
 * Carries a job out. Resolves with its end, `failed` included; a rejection is a defect of ours and becomes `failed` with
 * cause `agent`. A stopped flow still resolves: with what had been achieved as `result` of a `failed` end.
 */
export type Flow = (job: AgentJob, context: JobContext) => Promise<Terminal>;
