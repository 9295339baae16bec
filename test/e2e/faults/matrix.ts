/** The fault matrix as data: what every cell is to come to. */
import type { Status } from "../../../shared/job-view.ts";
import type { OutcomeCode } from "../../../shared/outcomes.ts";

export const phaseNames = ["queued", "starting", "clone", "agent", "push", "stopping", "idle"] as const;
export type PhaseName = (typeof phaseNames)[number];

export const faultNames = [
  "object-evicted",
  "workerd-killed",
  "harness-killed",
  "platform-stop",
  "memory-exhausted",
  "hung-event-loop",
  "half-open",
  "beats-blocked",
  "monitor-lost",
  "duplicate-dispatch",
  "late-alarm",
  "model-errors",
  "git-errors",
  "expired-token",
  "full-disk",
] as const;
export type FaultName = (typeof faultNames)[number];

type Evicted = "crash" | "transient";

/** How a job is to end. Where a race that the fault leaves open decides, every end that is right is listed. */
export type Expected = {
  readonly status: Status;
  readonly code: OutcomeCode;
  readonly attempts: readonly number[];
  /** The lost attempts that were followed by another; each list is one way that is right. */
  readonly recoveries: readonly (readonly Evicted[])[];
  /** Of the job that stands before it in the line; only where one does. It reports its losses. */
  readonly ahead?: OutcomeCode;
};

/** What a cell comes to; only what differs from what nothing has disturbed is listed. */
export function expectedOf(fault: FaultName, phase: PhaseName): Expected {
  return { ...undisturbed[phase], ...rows[fault][phase] };
}

const done: Expected = { status: "done", code: "done", attempts: [1], recoveries: [[]] };
const cancelled: Expected = { status: "cancelled", code: "cancelled", attempts: [1], recoveries: [[]] };

const undisturbed: Readonly<Record<PhaseName, Expected>> = {
  queued: { ...done, ahead: "done" },
  starting: done,
  clone: done,
  agent: done,
  push: done,
  stopping: cancelled,
  idle: done,
};

type Row = Partial<Readonly<Record<PhaseName, Partial<Expected>>>>;

const healed = (evicted: Evicted): Partial<Expected> => ({ attempts: [2], recoveries: [[evicted]] });

/** The container is lost. Before it is ready that is a failed start, which is tried again and costs no attempt. */
const lost = (evicted: Evicted): Row => ({
  queued: { ahead: evicted === "crash" ? "evicted-crash" : "evicted-transient" },
  clone: healed(evicted),
  agent: healed(evicted),
  push: healed(evicted),
});

const gitFailed: Partial<Expected> = { status: "failed", code: "git-failed" };

const rows: Readonly<Record<FaultName, Row>> = {
  "object-evicted": {},
  "workerd-killed": {},
  "harness-killed": lost("crash"),
  "platform-stop": lost("transient"),
  "memory-exhausted": lost("crash"),
  "hung-event-loop": lost("transient"),
  "half-open": lost("transient"),
  "beats-blocked": {},
  "monitor-lost": {},
  "duplicate-dispatch": {},
  "late-alarm": {},
  "model-errors": {},
  "git-errors": { clone: gitFailed, push: gitFailed },
  "expired-token": {
    queued: { ...gitFailed, ahead: "git-failed" },
    starting: gitFailed,
    clone: gitFailed,
    agent: { status: "evicted", code: "credentials-expired", ...healed("crash") },
    push: gitFailed,
  },
  "full-disk": {
    queued: { ...gitFailed, ahead: "git-failed" },
    starting: { status: "failed", code: "agent-failed" },
    clone: gitFailed,
    agent: gitFailed,
  },
};
