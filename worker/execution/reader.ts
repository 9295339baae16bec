import { type Refusal, refuse } from "../../shared/errors.ts";
import { JobResult } from "../../shared/job-result.ts";
import type { JobView } from "../../shared/job-view.ts";
import type { Clock, ContainerPort, Timer } from "../ports.ts";
import type { Door, ExecutionRpc, ReadRequest, Stopped, ViewRead } from "./rpc.ts";
import type { Runtime } from "./runtime.ts";
import { type ExecutionState, isLive, type Job, jobOf } from "./state.ts";
import type { Store } from "./store.ts";
import { stateOf, statusOf, toExecutionView, toJobView, type ViewExtras } from "./view.ts";

export type ReaderDeps = {
  readonly runtime: Runtime;
  readonly store: Store;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly container: ContainerPort;
  /** The object's id. */
  readonly id: string;
};

type Telemetry = Pick<ViewExtras, "spans" | "followUps">;
const nothing: Telemetry = { spans: [], followUps: [] };

/** Reads of an execution: from the state and the log alone, they start nothing and arm nothing. */
export class Reader {
  readonly #deps: ReaderDeps;

  constructor(deps: ReaderDeps) {
    this.#deps = deps;
  }

  /** The view of a plain read, after the state has noted what it offers. */
  taken(
    jobId: string,
    offer: { readonly spans: { from: number; to: number }; readonly followUpsAfter: number },
  ): ViewRead | Refusal {
    const { log } = this.#deps.store;
    const { from, to } = offer.spans;
    const followUps = log.followUps(jobId, offer.followUpsAfter);
    return this.#view(jobId, "job", { spans: log.spans(jobId, from, to), followUps });
  }

  async read({ jobId, after, revision, waitMs }: ReadRequest): Promise<ViewRead | Refusal> {
    if (revision !== undefined && waitMs !== undefined) {
      await this.#until(waitMs, () => this.#job(jobId)?.revision !== revision);
    }
    const job = this.#job(jobId);
    if (job !== null && job.revision === revision) return { ok: true, unchanged: true, revision };
    if (after === undefined || job === null) return this.#view(jobId, "native", nothing);
    const { log } = this.#deps.store;
    return this.#view(jobId, "job", {
      spans: log.spansAfter(jobId, after),
      followUps: log.followUps(jobId, after),
    });
  }

  result(jobId: string): { readonly ok: true; readonly result: string | null } | Refusal {
    const job = this.#job(jobId);
    if (job === null) return refuse("job-not-found", "job not found");
    return { ok: true, result: this.#deps.store.result(jobId, job.round) };
  }

  execution(): Awaited<ReturnType<ExecutionRpc["execution"]>> {
    const { state } = this.#deps.runtime;
    if (state === null) return refuse("execution-not-found", "no job was ever dispatched to this execution");
    const now = this.#deps.clock.now();
    const jobs = state.jobs.map((job) => this.#toView(state, job, "native", nothing));
    return { ok: true, view: toExecutionView(state, jobs, now, this.#place()) };
  }

  events({
    after,
    limit,
  }: {
    readonly after: number;
    readonly limit: number;
  }): Awaited<ReturnType<ExecutionRpc["events"]>> {
    const { runtime, store } = this.#deps;
    const { state } = runtime;
    if (state === null) return refuse("execution-not-found", "no job was ever dispatched to this execution");
    return { ok: true, page: store.log.page(state.executionId, after, limit, state.cursor) };
  }

  /** What a job is once its stop is proved, or at the end of the wait; an id never seen has nothing left to stop. */
  async stopped(jobId: string, waitMs: number): Promise<Stopped | Refusal> {
    await this.#until(waitMs, () => {
      const job = this.#job(jobId);
      return job === null || !isLive(job);
    });
    const job = this.#job(jobId);
    if (job === null) return { ok: true, answer: { jobId, state: "done", status: "done" } };
    const status = statusOf(job, this.#deps.clock.now(), "native");
    return { ok: true, answer: { jobId, state: stateOf(status), status } };
  }

  async released(id: string, waitMs: number): Promise<Stopped | Refusal> {
    const busy = (): boolean => {
      const { state } = this.#deps.runtime;
      return state !== null && (state.instance !== null || state.jobs.some(isLive));
    };
    await this.#until(waitMs, () => !busy());
    const status = busy() ? "stopping" : "done";
    return { ok: true, answer: { jobId: id, state: stateOf(status), status } };
  }

  #view(jobId: string, door: Door, telemetry: Telemetry): ViewRead | Refusal {
    const { state } = this.#deps.runtime;
    const job = this.#job(jobId);
    if (state === null || job === null) return refuse("job-not-found", "job not found");
    return { ok: true, view: this.#toView(state, job, door, telemetry) };
  }

  #toView(state: ExecutionState, job: Job, door: Door, telemetry: Telemetry): JobView {
    const { clock, store } = this.#deps;
    const stored = job.end === null ? null : store.result(job.jobId, job.round);
    const result = stored === null ? null : JobResult.parse(JSON.parse(stored));
    return toJobView(state, job, clock.now(), { door, result, ...this.#place(), ...telemetry });
  }

  #place(): { readonly containerId: string; readonly running: boolean } {
    return { containerId: this.#deps.id, running: this.#deps.container.running() };
  }

  #job(jobId: string): Job | null {
    const { state } = this.#deps.runtime;
    return state === null ? null : jobOf(state, jobId);
  }

  /** Waits for a condition on the state, at most `waitMs`. */
  async #until(waitMs: number, isSo: () => boolean): Promise<void> {
    const { clock, runtime, timer } = this.#deps;
    const endsAt = clock.now() + waitMs;
    const timeout = timer.sleep(waitMs);
    while (!isSo() && clock.now() < endsAt) {
      const { changed, forget } = runtime.nextChange();
      await Promise.race([changed, timeout]);
      forget();
    }
  }
}
