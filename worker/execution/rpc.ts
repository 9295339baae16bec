import type { JobAbout } from "../../shared/about.ts";
import type { Refusal } from "../../shared/errors.ts";
import type { EventsPage } from "../../shared/events.ts";
import type {
  DispatchAnswer,
  ExecutionView,
  ExtendAnswer,
  JobView,
  StopAnswer,
} from "../../shared/job-view.ts";
import type { ExtendableDeadline, ImageName, InstanceSize } from "../../shared/dispatch.ts";
import type { Policy } from "../../shared/policy.ts";

/** Which of the two doors a call came through; they differ in wording, delivery and defaults. */
export type Door = "job" | "native";

/** An admitted dispatch: parsed, bounded, its policy resolved. */
export type DispatchRequest = {
  readonly door: Door;
  readonly executionId: string;
  readonly jobId: string;
  /** The job body as JSON text, `kind` and `jobId` included, unknown fields and all; sealed before it is stored. */
  readonly spec: string;
  readonly policy: Policy;
  readonly image: ImageName;
  readonly size: InstanceSize;
  readonly board: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What of the spec may be shown. */
  readonly about?: JobAbout;
  readonly warnings: readonly string[];
  /** Starts a new round of an ended job (native door). */
  readonly again: boolean;
  /** Names the HTTP request in the log; a call of an earlier version brings none. */
  readonly requestId?: string;
};

export type Dispatched = { readonly ok: true; readonly answer: DispatchAnswer };
export type ViewRead =
  | { readonly ok: true; readonly view: JobView }
  | { readonly ok: true; readonly unchanged: true; readonly revision: number };
/** The result of a round as JSON text, null while there is none. */
export type WholeResult = { readonly ok: true; readonly round: number; readonly result: string | null };
export type Stopped = { readonly ok: true; readonly answer: StopAnswer };

export type ReadRequest = {
  readonly jobId: string;
  readonly door: Door;
  /** Spans and follow-ups after this cursor of the log ride on the view; absent: none. */
  readonly after?: number;
  /** Answer `unchanged` while the job's revision is this one and no telemetry lies after `after`. */
  readonly revision?: number;
  /** With `revision`: how long to wait for a change first. */
  readonly waitMs?: number;
};

/** What a visit of the sweep comes to. */
export type Tended = {
  /** Whether it has a container, or a job that has not ended. */
  readonly live: boolean;
  /** When it acts next by itself; null where it has nothing more to do. */
  readonly nextDeadlineAt: number | null;
  /** How long a container that was destroyed just then had run though nothing needed it; 0 where nobody knows, null without one. */
  readonly destroyedMs: number | null;
};

export type ExecutionRequest = {
  /** With `waitMs`: how long to wait first for another revision than this. */
  readonly revision?: number;
  readonly waitMs?: number;
};

export type EventsRequest = {
  readonly after: number;
  readonly limit: number;
  /** The last cursor wanted; the newest unless given. */
  readonly through?: number;
  /** How long to wait first for an event after the cursor. */
  readonly waitMs?: number;
  /** With `waitMs`: wait also while the log stands as this tag names it. */
  readonly tag?: string;
};

export type EventsRead = {
  readonly ok: true;
  readonly page: EventsPage;
  /** Names the log as it stands: equal tags, equal pages. */
  readonly tag: string;
  /** A job or a container lives: more may come without another dispatch. */
  readonly live: boolean;
};

/** What a beat comes to: the reply, or a refusal that changed nothing. */
export type BeatAnswer = { readonly ok: true; readonly reply: string } | Refusal;

/**
 * The remote methods of the `Execution` object. Expected refusals are values; a throw means a defect or the platform.
 * Nothing here starts a container except `dispatch`.
 */
export type ExecutionRpc = {
  dispatch(request: DispatchRequest): Promise<Dispatched | Refusal>;
  /** The plain read of the job protocol: drains telemetry and takes delivery of the end. */
  take(jobId: string): Promise<ViewRead | Refusal>;
  read(request: ReadRequest): Promise<ViewRead | Refusal>;
  /** The newest round's stored result, in full. */
  result(jobId: string): Promise<WholeResult | Refusal>;
  execution(
    request?: ExecutionRequest,
  ): Promise<{ readonly ok: true; readonly view: ExecutionView } | Refusal>;
  events(request: EventsRequest): Promise<EventsRead | Refusal>;
  /** Answers when the stop is proved or after `waitMs`. An id never seen: `done`, and nothing is written. */
  cancel(request: {
    readonly jobId: string;
    readonly reason: string;
    readonly waitMs: number;
    readonly requestId?: string;
  }): Promise<Stopped | Refusal>;
  /** Moves a deadline to stand no earlier than `until`. */
  extend(request: {
    readonly jobId: string;
    readonly deadline: ExtendableDeadline;
    readonly until: number;
    readonly requestId?: string;
  }): Promise<{ readonly ok: true; readonly answer: ExtendAnswer } | Refusal>;
  release(request: {
    readonly reason: string;
    readonly waitMs: number;
    readonly id: string;
    readonly requestId?: string;
  }): Promise<Stopped | Refusal>;
  /** One beat as it came from a container; `props` are the platform's word on which one. */
  beat(request: {
    readonly instance: string;
    readonly key: string;
    readonly beat: string;
  }): Promise<BeatAnswer>;
  /** Acts on what is overdue, sets a missing alarm anew, destroys what runs though nothing needs it. */
  tend(): Promise<Tended>;
  /** A hint that the execution's turn for a slot has come; what is lost of it costs time and nothing else. */
  granted(): Promise<void>;
};
