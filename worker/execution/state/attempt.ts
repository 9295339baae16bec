import type { Terminal } from "../../../shared/job-result.ts";
import type { Exit } from "./instance.ts";

export type Attempt = {
  readonly instance: string;
  readonly startedAt: number;
  /** Whether the harness is known to have taken the job. */
  readonly accepted: boolean;
  readonly boot: string | null;
  /** Highest contiguous event.seq stored. */
  readonly ack: number;
  /** The highest number of a beat; 0 before the first that has one. */
  readonly beatNumber: number;
  /** The last sign of life: a beat, or an answer that knows the job. */
  readonly aliveAt: number;
  readonly question: Question | null;
  /** The harness answered a question with an end that no beat has brought yet. */
  readonly endSeen: boolean;
  /** That end, for the case that the container is lost before a beat brings it; absent where it is too large to keep here. */
  readonly endTold?: Terminal;
  /** Where the object's own alarm came late: until when a deadline waits, and the evidence it waits for. */
  readonly forgiven: Readonly<Partial<Record<EvidenceDeadline, Forgiven>>>;
  readonly phaseSince: number;
  /** Whether people were told that the agent has printed nothing yet. */
  readonly coldNoted: boolean;
  /** Questions answered since the last beat. */
  readonly answersUnheard: number;
  readonly polling: Polling | null;
  /** When its container was found dead or given up; it may still speak until a successor's instance is written. */
  readonly lostAt: number | null;
};

/** Deadlines that rest on what was not seen: an observer that was itself asleep has to look again. */
export type EvidenceDeadline = "starting" | "silence" | "step" | "inactivity" | "tool-silence";

/** @property evidenceAt the sign of life the deadline counts from; a newer one makes this void */
export type Forgiven = { readonly evidenceAt: number; readonly until: number };

/** A harness that is asked instead of listened to. */
export type Polling = {
  /** `no-beats`: it sends none, so what it tells is all there is. `unheard`: it answers, and its beats do not arrive. */
  readonly why: "no-beats" | "unheard";
  readonly nextAt: number;
  /** Its own word on the agent's last activity; only its moving is read. */
  readonly heartbeatAt: number;
};

export type Recovery = {
  readonly at: number;
  /** The attempt that was lost. */
  readonly attempt: number;
  readonly instance: string;
  readonly evicted: "crash" | "transient";
  readonly exit: Exit;
  readonly why: string;
};

/** The questions asked before a silent job is declared lost. */
export type Question = { readonly number: 1 | 2; readonly state: "asked" | "waiting"; readonly at: number };
