import type { Card } from "../shared/board.ts";
import type { ImageName, InstanceSize } from "../shared/dispatch.ts";
import type { MetricName } from "./metrics/names.ts";

/** Everything the Worker takes from outside. Production adapters are in `system.ts` and `container.ts`. */

export type Clock = { readonly now: () => number };
export type Random = {
  /** A random id of [A-Za-z0-9-], 36 characters. */
  readonly id: () => string;
};

export type Timer = {
  /** Resolves after `ms`. */
  readonly sleep: (ms: number) => Promise<void>;
};

export type LogLevel = "debug" | "info" | "warn" | "error";
/** One line, one fact; `event` is `noun.verb`. */
export type Log = {
  readonly write: (level: LogLevel, event: string, fields?: Readonly<Record<string, unknown>>) => void;
  /** The same log, with more that every line says: the ids of what it is about. */
  readonly child: (context: Readonly<Record<string, unknown>>) => Log;
};

/** A line before it is written. */
export type LogLine = {
  readonly level: LogLevel;
  readonly event: string;
  /** Ids of what it is about, under the names that every line uses. */
  readonly about: LogIds;
  readonly fields: Readonly<Record<string, unknown>>;
};

export type LogIds = {
  readonly executionId?: string;
  readonly jobId?: string;
  readonly round?: number;
  readonly attempt?: number;
  readonly instance?: string;
  readonly requestId?: string;
};

/** Where numbers go. Neither waits nor throws: a number that is lost is lost. */
export type Metrics = { readonly write: (points: readonly MetricPoint[]) => void };

/** One measured fact. */
export type MetricPoint = {
  readonly name: MetricName;
  /** In the unit that the name's table says. */
  readonly value: number;
  /** What it came to or came from: an outcome, a cause, a kind. */
  readonly label: string;
  /** More of the same, where one word does not do; else empty. */
  readonly detail: string;
  readonly about: LogIds;
  readonly image: string;
  readonly size: string;
  readonly door: string;
};

export type StartOptions = {
  readonly image: ImageName;
  readonly size: InstanceSize;
  readonly env: Readonly<Record<string, string>>;
};

/** How `monitor()` settled: with an exit code, or without one, which proves nothing. */
export type MonitorEnd =
  | { readonly kind: "exited"; readonly code: number; readonly message: string }
  | { readonly kind: "lost"; readonly message: string };

/**
 * The container of one object, as the platform offers it (raw `ctx.container`). Every call ends: a call that awaits the
 * platform carries its own timeout and rejects with a TimeoutError.
 */
export type ContainerPort = {
  readonly running: () => boolean;
  /** Never throws for a refusal: every failure of a start arrives through `monitor`. Throws if already running. */
  readonly start: (options: StartOptions) => void;
  readonly monitor: () => Promise<MonitorEnd>;
  readonly signal: (signo: number) => void;
  readonly destroy: (reason: string) => Promise<void>;
  /** Whether the platform still knows a container; null where it cannot say. */
  readonly inspect: () => Promise<boolean | null>;
  /** One HTTP request to the harness; rejects when nothing listens or `timeoutMs` passes. */
  readonly fetch: (request: Request, timeoutMs: number) => Promise<Response>;
  readonly keepAlive: (durationMs: number) => Promise<void>;
  /** Routes the harness's beats to this object, naming the instance they come from. */
  readonly routeBeats: (instance: string) => Promise<void>;
};

/** One execution's place among all that may have a live container. Every call ends, carries its own timeout, and is idempotent. */
export type AdmissionPort = {
  /** Asks for a slot, or keeps the place in the line; `nextDeadlineAt` is when this execution will act next. */
  readonly request: (nextDeadlineAt: number) => Promise<SlotAnswer>;
  /** Keeps a slot that is held, and tells the next deadline; `false` where the slot had lapsed (it is then held again: a lapse stops nothing). */
  readonly renew: (nextDeadlineAt: number) => Promise<boolean>;
  /** Gives the slot or the place in the line back. One that has work left is watched until it acts; null where nothing is left. */
  readonly release: (nextDeadlineAt: number | null) => Promise<void>;
};

export type SlotAnswer =
  | { readonly kind: "granted" }
  | {
      readonly kind: "waiting";
      /** 1 for the first in line. */
      readonly position: number;
      readonly live: number;
      readonly max: number;
    };

/** The board an execution shows on. Every call ends, carries its own timeout, and is idempotent. */
export type BoardPort = {
  /** Answers how far apart the board wants to hear of progress. */
  readonly tell: (board: string, cards: readonly Card[]) => Promise<{ readonly intervalMs: number }>;
  /** Takes all cards of this execution off; what was said up to this revision is not taken any more. */
  readonly remove: (board: string, through: number) => Promise<void>;
};
