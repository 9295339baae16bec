import type { SlotAnswer } from "../ports.ts";

export type Asking = {
  readonly executionId: string;
  /** When this execution will act next. */
  readonly nextDeadlineAt: number;
};

export type Giving = Pick<Asking, "executionId"> & { readonly nextDeadlineAt: number | null };

/** How it stands with the slots of the deployment. */
export type AdmissionStats = {
  readonly live: number;
  readonly waiting: number;
  readonly max: number;
  /** How long the first in line has waited; 0 where nobody waits. */
  readonly oldestWaitMs: number;
  /** Executions of which nothing was heard for too long; watched, and counted in neither. */
  readonly lapsed: number;
  /** Since the object exists: executions that answered the sweep, questions that failed, stray containers and their time. */
  readonly swept: number;
  readonly failed: number;
  readonly orphans: number;
  readonly orphanSeconds: number;
};

/** The remote methods of the `Admission` object. All are idempotent. */
export type AdmissionRpc = {
  request(asking: Asking): Promise<SlotAnswer>;
  /** `false` where the slot had lapsed; it is held again. */
  renew(asking: Asking): Promise<boolean>;
  /** One that has work left is watched until then; null where nothing is left. */
  release(asking: Giving): Promise<void>;
  /** Wakes what is overdue; answers when every one of them was asked. */
  sweep(): Promise<void>;
  stats(): Promise<AdmissionStats>;
};
