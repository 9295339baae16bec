import type { ImageName, InstanceSize } from "../../../shared/dispatch.ts";
import type { ExitCause } from "../../../shared/job-view.ts";

export type Instance = {
  readonly id: string;
  /** Names the sealing key its control key derives from: that of the first job it answered about. A harness keeps to one. */
  readonly keyId: string | null;
  readonly image: ImageName;
  readonly size: InstanceSize;
  /** `written`: stored, start() not yet called. `started`: start() called. `ready`: the harness answered. */
  readonly phase: "written" | "started" | "ready";
  readonly writtenAt: number;
  readonly startedAt: number | null;
  readonly readyAt: number | null;
  readonly boot: string | null;
  /** Where the alarm came late: until when it may become ready; absent where no time was given. */
  readonly forgivenUntil?: number;
  readonly lastTickAt: number;
  /** Who asked for its end; stored before any signal. Such an instance takes no more jobs. */
  readonly intent: Intent | null;
  /** An end that was seen; judged at `judgeAt`, so that a terminal beat under way still counts. */
  readonly exit: Exit | null;
  /** The harness said that it is about to go. */
  readonly announced: "shutting-down" | "drained" | null;
  /** Until when a finished preview keeps it; absent where none stands. */
  readonly previewUntil?: number;
  /** Whether an end it told of too late is in the log. */
  readonly lateEndNoted?: boolean;
};

export type DeadInstance = {
  readonly id: string;
  readonly image: ImageName;
  readonly size: InstanceSize;
  readonly coldStartMs: number | null;
  readonly exit: Exit | null;
  readonly proof: string;
  readonly at: number;
  /** Its exit code, where that came after the verdict on it; in the log, and in no verdict. */
  readonly lateCode?: number;
};

export type Intent = {
  readonly cause:
    | "cancel"
    | "release"
    | "deadline"
    | "silence"
    | "idle"
    | "start-failed"
    | "foreign"
    | "replaced"
    | "unneeded";
  readonly at: number;
  readonly text: string;
  /** When an unproved destroy is tried again. */
  readonly retryAt: number;
};

export type Exit = {
  readonly code: number | null;
  readonly cause: ExitCause;
  readonly by: string;
  readonly at: number;
  readonly judgeAt: number;
};
