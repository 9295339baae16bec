import type { AdmissionPort, ContainerPort, Timer } from "../../ports.ts";
import type { HarnessClient } from "./harness-client.ts";
import type { Happening } from "../input.ts";
import type { Lifeline } from "../lifeline.ts";
import { type ExecutionState, type Instance, type Job, jobOf } from "../state.ts";
import type { Vault } from "../intake/vault.ts";

export type EffectDeps = {
  readonly state: () => ExecutionState | null;
  readonly apply: (happening: Happening) => void;
  readonly container: ContainerPort;
  readonly admission: AdmissionPort;
  readonly now: () => number;
  readonly harness: HarnessClient;
  readonly timer: Timer;
  readonly vault: Vault;
  readonly lifeline: Lifeline;
  /** Environment of every container: nothing secret. */
  readonly containerEnv: Readonly<Record<string, string>>;
  /** Deletes all that is stored, and ends this incarnation. */
  readonly forget: () => Promise<void>;
};

/** An effect that belongs to one attempt. */
export type JobEffect = { readonly instance: string; readonly jobId: string; readonly attempt: number };

export function instanceOf(deps: EffectDeps, id: string): Instance | null {
  const instance = deps.state()?.instance ?? null;
  return instance?.id === id ? instance : null;
}

export function attemptOf({ instance, jobId, attempt }: JobEffect, deps: EffectDeps): Job | null {
  const state = deps.state();
  const job = state === null ? null : jobOf(state, jobId);
  return job?.attempt === attempt && job.current?.instance === instance ? job : null;
}

export function waitingJob(effect: JobEffect, deps: EffectDeps): Job | null {
  const job = attemptOf(effect, deps);
  const instance = instanceOf(deps, effect.instance);
  const held = instance === null || instance.intent !== null || instance.exit !== null;
  return job?.status === "starting" && !held ? job : null;
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
