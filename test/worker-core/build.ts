import type { Beat } from "../../shared/beat.ts";
import type { HarnessEvent } from "../../shared/events.ts";
import type { Terminal } from "../../shared/job-result.ts";
import { type Policy, PolicyDefaults } from "../../shared/policy.ts";
import type { Fits, Happening } from "../../worker/execution/input.ts";
import type { DispatchRequest } from "../../worker/execution/rpc.ts";

/** Every history begins here; a clock far from any real one shows what is read from outside. */
export const T0 = Date.UTC(2099, 0, 1);

export const JOB = "run_1-code";
export const BOOT = "boot-0001";

export function makePolicy(over: Partial<Policy> = {}): Policy {
  return {
    ...PolicyDefaults,
    recovery: "report",
    budgets: { crash: 1, transient: 5 },
    scale: 1,
    ...over,
  };
}

export type Request = Omit<DispatchRequest, "spec">;

export function makeRequest(over: Partial<Request> = {}): Request {
  return {
    door: "job",
    executionId: "run_1",
    jobId: JOB,
    policy: makePolicy(),
    image: "harness",
    size: "standard-1",
    board: "main",
    labels: {},
    warnings: [],
    again: false,
    ...over,
  };
}

export function makeDispatch(over: Partial<Request> = {}): Happening {
  return { kind: "dispatch", request: makeRequest(over), keyId: "key-1" };
}

/** Room for all the telemetry there is. */
export const ALL_FITS: Fits = {
  spansThrough: Number.MAX_SAFE_INTEGER,
  followUpsThrough: Number.MAX_SAFE_INTEGER,
  all: true,
};

export function makeTake(jobId = JOB, fits: Partial<Record<"running" | "ended", Fits>> = {}): Happening {
  return { kind: "take", jobId, running: ALL_FITS, ended: ALL_FITS, ...fits };
}

/** A beat of the first attempt; `instance` is that of whoever runs it. */
export function makeBeat(over: Partial<Beat> & Pick<Beat, "instance">): Beat {
  return {
    v: 1,
    jobId: JOB,
    attempt: 1,
    boot: BOOT,
    sentAt: T0,
    phase: "agent",
    outputAgeMs: null,
    toolAgeMs: null,
    events: [],
    ...over,
  };
}

export function makeOutput(seq: number, text = `line ${seq}`): HarnessEvent {
  return { seq, at: T0, kind: "output", stream: "agent", text };
}

export function makeToolEnd(seq: number): HarnessEvent {
  return { seq, at: T0, kind: "tool-end", tool: "bash", callId: `call-${seq}`, ok: true, durationMs: 5 };
}

export function makeNote(seq: number, code: string): HarnessEvent {
  return { seq, at: T0, kind: "note", code, text: code };
}

export function makeFollowUp(seq: number, over: { title?: string; detail?: string } = {}): HarnessEvent {
  const { title = `follow-up ${seq}`, detail = "detail" } = over;
  return { seq, at: T0, kind: "follow-up", followUp: { kind: "follow_up", title, detail } };
}

export const DONE: Terminal = {
  state: "done",
  result: { pushed: true, branch: "holt/run_1", prUrl: "https://git.example/pull/1" },
};

export const FAILED: Terminal = { state: "failed", error: "the agent gave up", failureCause: "agent" };
