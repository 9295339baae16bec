import type { Beat } from "../../shared/beat.ts";
import type { ExtendableDeadline } from "../../shared/dispatch.ts";
import type { HarnessView } from "../../shared/harness-wire.ts";
import type { SlotAnswer } from "../ports.ts";
import type { DispatchRequest } from "./rpc.ts";

/** Everything that can happen to an execution. `freshId` is a random id that a step may use for a new instance. */
export type Input = { readonly freshId: string } & Happening;

export type Happening =
  | { readonly kind: "dispatch"; readonly request: Omit<DispatchRequest, "spec">; readonly keyId: string }
  | { readonly kind: "tick" }
  | { readonly kind: "woke"; readonly running: boolean }
  | {
      readonly kind: "cancel";
      readonly jobId: string;
      readonly reason: string;
      readonly requestId?: string | undefined;
    }
  | { readonly kind: "release"; readonly reason: string; readonly requestId?: string | undefined }
  | {
      readonly kind: "extend";
      readonly jobId: string;
      readonly deadline: ExtendableDeadline;
      readonly until: number;
      readonly requestId?: string | undefined;
    }
  /** What a request for a slot came to. */
  | {
      readonly kind: "slot";
      readonly answer: SlotOutcome;
    }
  /** The line has moved: asking now may bring the slot. */
  | { readonly kind: "slot-hint" }
  | { readonly kind: "take"; readonly jobId: string; readonly running: Fits; readonly ended: Fits }
  /** `start()` was called for this instance. */
  | { readonly kind: "started"; readonly instance: string }
  | {
      readonly kind: "start-failed";
      readonly instance: string;
      readonly cause: StartFailure;
      readonly message: string;
    }
  /** The harness answered its probe. */
  | { readonly kind: "ready"; readonly instance: string; readonly boot: string | null }
  /** What a probe that got no answer ran into; told once per text. */
  | { readonly kind: "probe-noted"; readonly instance: string; readonly text: string }
  /** The container that answers is not the one that was started. */
  | { readonly kind: "foreign"; readonly instance: string; readonly seen: string }
  | {
      readonly kind: "accepted";
      readonly instance: string;
      readonly jobId: string;
      readonly attempt: number;
      readonly boot: string | null;
      /** Whether the harness said that it will beat. */
      readonly beats: boolean;
    }
  | {
      readonly kind: "refused";
      readonly instance: string;
      readonly jobId: string;
      readonly attempt: number;
      readonly error: string;
    }
  | { readonly kind: "spec-unreadable"; readonly jobId: string; readonly attempt: number }
  | { readonly kind: "beat"; readonly beat: Beat }
  | {
      readonly kind: "answered";
      readonly instance: string;
      readonly jobId: string;
      readonly attempt: number;
      readonly answer: Answer;
    }
  /** What a poll of a harness that is not heard came to. */
  | {
      readonly kind: "polled";
      readonly instance: string;
      readonly jobId: string;
      readonly attempt: number;
      readonly answer: Answer;
    }
  | {
      readonly kind: "stop-told";
      readonly instance: string;
      readonly jobId: string;
      readonly ok: boolean;
      readonly text: string;
    }
  | {
      readonly kind: "signalled";
      readonly instance: string;
      readonly signo: number;
      readonly ok: boolean;
      readonly text: string;
    }
  /** `monitor()` of this instance settled with an exit code. */
  | { readonly kind: "exited"; readonly instance: string; readonly code: number; readonly message: string }
  /** A proof of death other than an exit code; `message` is what the platform said of it, where it said anything. */
  | { readonly kind: "dead"; readonly instance: string; readonly proof: string; readonly message?: string }
  | { readonly kind: "destroy-unproved"; readonly instance: string; readonly text: string }
  /** The object is about to end itself, to ask the platform afresh. */
  | { readonly kind: "resetting" }
  | { readonly kind: "internal-error"; readonly text: string };

/** How much of the telemetry on offer fits beside the view of a job: as one that runs, or with its end. */
export type Fits = {
  /** Number up to which spans fit. */
  readonly spansThrough: number;
  /** Cursor up to which follow-ups fit. */
  readonly followUpsThrough: number;
  /** Whether that is all there is. */
  readonly all: boolean;
};

/** What a request for a slot came to. */
export type SlotOutcome = SlotAnswer | { readonly kind: "unreachable"; readonly text: string };

export type StartFailure = "no-capacity" | "rate-limited" | "other";

/** What a question to the harness came to. */
export type Answer =
  | { readonly kind: "known"; readonly view: HarnessView }
  | { readonly kind: "unknown-job" }
  | { readonly kind: "other-boot" }
  | { readonly kind: "no-answer"; readonly text: string };
