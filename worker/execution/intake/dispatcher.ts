import { withoutSecretsIn } from "../../../shared/about.ts";
import { type Refusal, refuse } from "../../../shared/errors.ts";
import { Limits } from "../../../shared/limits.ts";
import { createRedactor, secretsOfSpec } from "../../../shared/redact.ts";
import { beingReleased, mayTakeKey } from "../lifecycle/dispatching.ts";
import type { Dispatched, DispatchRequest } from "../rpc.ts";
import type { Runtime } from "../runtime.ts";
import { compareSpecs } from "./spec.ts";
import { isLive, type Job, jobOf } from "../state.ts";
import type { SealedSpec, Store } from "../store.ts";
import type { Vault } from "./vault.ts";
import { stateOf, statusOf } from "../view.ts";

export type DispatcherDeps = {
  readonly runtime: Runtime;
  readonly store: Store;
  readonly vault: Vault;
};

/** Longer than a stop takes; shorter than clients wait for a dispatch. */
const RELEASE_WAIT_MS = 25_000;

/** Takes a job in: sealed and stored with its alarm before the answer, and no later than that. */
export class Dispatcher {
  readonly #deps: DispatcherDeps;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
  }

  async dispatch(asked: DispatchRequest): Promise<Dispatched | Refusal> {
    return this.#dispatch(withoutSecrets(asked));
  }

  async #dispatch(request: DispatchRequest): Promise<Dispatched | Refusal> {
    const { vault } = this.#deps;
    if (!vault.canSeal) {
      return refuse(
        "sealing-not-configured",
        "set the secret HOLT_SEALING_KEY: job bodies carry credentials and are stored sealed",
      );
    }
    await this.#untilReleased(request.jobId);
    const live = this.#live(request.jobId);
    if (live !== null) return beingReleased(live) ?? this.#reattach(live, request);
    const round = this.#nextRound(request.jobId);
    const { spec, executionId, jobId } = request;
    const chunks = await vault.seal({ executionId, jobId, round }, spec);
    // Another dispatch of the same job may have been taken in while this one was sealed.
    const overtaken = this.#live(jobId);
    if (overtaken !== null) return this.#reattach(overtaken, request);
    if (this.#nextRound(jobId) !== round) return this.#dispatch(request);
    return this.#take(request, chunks[0]?.keyId ?? "", { jobId, round, chunks });
  }

  /** A live job is re-attached to; what else is asked of it is told, and credentials replace the stored ones. */
  async #reattach(job: Job, request: DispatchRequest): Promise<Dispatched | Refusal> {
    const { store, vault } = this.#deps;
    const { executionId, jobId } = request;
    const stored = await vault.openSpec(job);
    // It may have ended meanwhile: then this dispatch is not a re-attachment but a new round, which needs a spec of its own.
    if (!this.#isStill(job)) return this.#dispatch(request);
    if (stored === null) return this.#replaceUnreadable(job, request);
    const { fields, refreshed } = compareSpecs(stored, request.spec);
    if (request.door === "native" && fields.length > 0) {
      const error = `job ${jobId} is live with another spec; these fields differ: ${bounded(fields).join(", ")}`;
      return refuse("spec-differs", error, { fields: fields.slice(0, 50) });
    }
    const unreplaced: string[] = [];
    let fresh: string | null = null;
    if (refreshed !== null) {
      const { round } = job;
      const chunks = await vault.reseal({ executionId, jobId, round }, refreshed);
      const still = this.#live(jobId);
      if (still === null || !this.#isStill(job)) return this.#dispatch(request);
      const keyId = chunks[0]?.keyId ?? still.keyId;
      if (keyId === still.keyId || this.#mayTakeKey(still)) {
        fresh = keyId;
        store.replaceSpec({ jobId, round, chunks });
        vault.forget(jobId);
      } else
        unreplaced.push(
          "the credentials were not replaced: the sealing key has changed since the job's container took it",
        );
    }
    const ignored = [...fields.map((field) => `'${field}'`), ...differences(job, request)].map(
      (what) => `${what} was ignored: the job is live with another value`,
    );
    const warnings = bounded([...request.warnings, ...ignored, ...unreplaced]);
    return this.#take({ ...request, warnings }, fresh ?? this.#keyOf(job), null);
  }

  /** What no key opens is replaced by what the dispatch brings, unless a container has keys of it. */
  async #replaceUnreadable(job: Job, request: DispatchRequest): Promise<Dispatched | Refusal> {
    const { store, vault } = this.#deps;
    const { executionId, jobId } = request;
    const { round } = job;
    const chunks = await vault.seal({ executionId, jobId, round }, request.spec);
    const still = this.#live(jobId);
    if (still === null || !this.#isStill(job)) return this.#dispatch(request);
    if (!this.#mayTakeKey(still)) return this.#take(request, still.keyId, null);
    store.replaceSpec({ jobId, round, chunks });
    vault.forget(jobId);
    return this.#take(request, chunks[0]?.keyId ?? still.keyId, null);
  }

  #take(request: DispatchRequest, keyId: string, sealed: SealedSpec | null): Dispatched | Refusal {
    const { runtime } = this.#deps;
    const { spec: _sealedAbove, ...rest } = request;
    const { reply, state } = runtime.apply({ kind: "dispatch", request: rest, keyId }, (stepped) =>
      stepped.reply.kind === "dispatched" && stepped.reply.fresh ? needed(sealed) : null,
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

  /** A job that is being released comes back as a new round: the dispatch waits for the end of the old one. */
  #untilReleased(jobId: string): Promise<void> {
    const isOver = (): boolean => {
      const live = this.#live(jobId);
      return live === null || beingReleased(live) === null;
    };
    return this.#deps.runtime.until(isOver, RELEASE_WAIT_MS);
  }

  /** The key that seals its spec, which another dispatch may have changed meanwhile. */
  #keyOf(job: Job): string {
    return this.#live(job.jobId)?.keyId ?? job.keyId;
  }

  #mayTakeKey(job: Job): boolean {
    const { state } = this.#deps.runtime;
    return state !== null && mayTakeKey(state, job);
  }

  #isStill(job: Job): boolean {
    return this.#live(job.jobId)?.round === job.round;
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

/** Warnings, labels and names quote the caller, who may have put a credential where none belongs. */
function withoutSecrets(request: DispatchRequest): DispatchRequest {
  const { redact } = createRedactor(secretsOfSpec(JSON.parse(request.spec)));
  const warnings = request.warnings.map((warning) => redact(warning));
  const labels = Object.fromEntries(
    Object.entries(request.labels).map(([name, value]) => [redact(name), redact(value)]),
  );
  const about = request.about === undefined ? {} : { about: withoutSecretsIn(request.about, redact) };
  return { ...request, ...about, warnings: bounded(warnings), labels };
}

/** What else a live job was asked to be. */
function differences(job: Job, request: DispatchRequest): readonly string[] {
  const asked = [
    ["policy", job.policy, request.policy],
    ["labels", job.labels, request.labels],
    ["image", job.image, request.image],
    ["instance", job.size, request.size],
  ] as const;
  return asked
    .filter(([, before, after]) => JSON.stringify(before) !== JSON.stringify(after))
    .map(([name]) => name);
}

function bounded(warnings: readonly string[]): readonly string[] {
  const max = Limits.notesPerJob - 1;
  if (warnings.length <= max) return warnings;
  return [...warnings.slice(0, max), `and ${warnings.length - max} more`];
}

/** A round without its spec could never be carried out. */
function needed(sealed: SealedSpec | null): SealedSpec {
  if (sealed === null) throw new Error("a round is about to begin without its spec");
  return sealed;
}
