import { type Refusal, refuse } from "../../shared/errors.ts";
import type { Dispatched, DispatchRequest } from "./rpc.ts";
import type { Runtime } from "./runtime.ts";
import { compareSpecs } from "./spec.ts";
import { isLive, type Job, jobOf } from "./state.ts";
import type { SealedSpec, Store } from "./store.ts";
import type { Vault } from "./vault.ts";
import { stateOf, statusOf } from "./view.ts";

export type DispatcherDeps = {
  readonly runtime: Runtime;
  readonly store: Store;
  readonly vault: Vault;
};

/** Takes a job in: sealed and stored with its alarm before the answer, and no later than that. */
export class Dispatcher {
  readonly #deps: DispatcherDeps;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
  }

  async dispatch(request: DispatchRequest): Promise<Dispatched | Refusal> {
    const { vault } = this.#deps;
    if (!vault.canSeal) {
      return refuse(
        "sealing-not-configured",
        "set the secret HOLT_SEALING_KEY: job bodies carry credentials and are stored sealed",
      );
    }
    const live = this.#live(request.jobId);
    if (live !== null) return this.#reattach(live, request);
    const round = this.#nextRound(request.jobId);
    const { spec, executionId, jobId } = request;
    const chunks = await vault.seal({ executionId, jobId, round }, spec);
    // Another dispatch of the same job may have been taken in while this one was sealed.
    const overtaken = this.#live(jobId);
    if (overtaken !== null) return this.#reattach(overtaken, request);
    if (this.#nextRound(jobId) !== round) return this.dispatch(request);
    return this.#take(request, chunks[0]?.keyId ?? "", { jobId, round, chunks });
  }

  /** A live job is re-attached to; what else is asked of it is told, and credentials replace the stored ones. */
  async #reattach(job: Job, request: DispatchRequest): Promise<Dispatched | Refusal> {
    const { store, vault } = this.#deps;
    const { executionId, jobId } = request;
    const stored = await vault.openSpec(executionId, job);
    if (stored === null) return this.#take(request, job.keyId, null);
    const { fields, refreshed } = compareSpecs(stored, request.spec);
    if (request.door === "native" && fields.length > 0) {
      const error = `job ${jobId} is live with another spec; these fields differ: ${fields.join(", ")}`;
      return refuse("spec-differs", error, { fields });
    }
    if (refreshed !== null) {
      const { round } = job;
      const chunks = await vault.reseal({ executionId, jobId, round }, refreshed);
      const still = this.#live(jobId);
      // Keys of the running attempt derive from the key that sealed first; another one must wait for the next round.
      if (still?.round === round && chunks[0]?.keyId === still.keyId) {
        store.replaceSpec({ jobId, round, chunks });
        vault.forget(jobId);
      }
    }
    const ignored = fields.map((field) => `'${field}' was ignored: the job is live with another value`);
    return this.#take({ ...request, warnings: [...request.warnings, ...ignored] }, job.keyId, null);
  }

  #take(request: DispatchRequest, keyId: string, sealed: SealedSpec | null): Dispatched | Refusal {
    const { runtime } = this.#deps;
    const { spec: _sealedAbove, ...rest } = request;
    const { reply, state } = runtime.apply({ kind: "dispatch", request: rest, keyId }, (stepped) =>
      stepped.reply.kind === "dispatched" && stepped.reply.fresh ? sealed : null,
    );
    if (reply.kind === "refused") return reply.refusal;
    const job = state === null ? null : jobOf(state, request.jobId);
    if (reply.kind !== "dispatched" || job === null) throw new Error("a dispatch was not answered as one");
    const status = statusOf(job, job.acceptedAt, request.door);
    return {
      ok: true,
      answer: {
        jobId: job.jobId,
        state: stateOf(status),
        status,
        executionId: request.executionId,
        attempt: job.attempt,
        round: job.round,
        ...(reply.warnings.length === 0 ? {} : { warnings: [...reply.warnings] }),
      },
    };
  }

  #live(jobId: string): Job | null {
    const { state } = this.#deps.runtime;
    const job = state === null ? null : jobOf(state, jobId);
    return job !== null && isLive(job) ? job : null;
  }

  #nextRound(jobId: string): number {
    const { state } = this.#deps.runtime;
    return ((state === null ? null : jobOf(state, jobId))?.round ?? 0) + 1;
  }
}
