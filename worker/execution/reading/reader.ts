import { type Refusal, refuse } from "../../../shared/errors.ts";
import type { Clock, ContainerPort } from "../../ports.ts";
import type { JobReader } from "./job-reader.ts";
import type { ExecutionRpc, ReadRequest, Stopped, ViewRead } from "../rpc.ts";
import type { Runtime } from "../runtime.ts";
import { isLive, type Job, jobOf } from "../state.ts";
import type { Store } from "../store.ts";
import { stateOf, statusOf, toExecutionView } from "../view.ts";

export type ReaderDeps = {
  readonly jobs: JobReader;
  readonly runtime: Runtime;
  readonly store: Store;
  readonly clock: Clock;
  readonly container: ContainerPort;
  /** The object's id. */
  readonly id: string;
};

/** Reads of an execution: from the state and the log alone, they start nothing and arm nothing. */
export class Reader {
  readonly #deps: ReaderDeps;

  constructor(deps: ReaderDeps) {
    this.#deps = deps;
  }

  async read({ jobId, door, after, revision, waitMs }: ReadRequest): Promise<ViewRead | Refusal> {
    if (revision !== undefined && waitMs !== undefined) {
      await this.#deps.runtime.until(() => this.#job(jobId)?.revision !== revision, waitMs);
    }
    if (revision !== undefined && this.#job(jobId)?.revision === revision) {
      return { ok: true, unchanged: true, revision };
    }
    const { jobs } = this.#deps;
    return after === undefined ? jobs.view(jobId, door) : jobs.viewAfter(jobId, door, after);
  }

  result(jobId: string): { readonly ok: true; readonly result: string | null } | Refusal {
    const job = this.#job(jobId);
    if (job === null) return refuse("job-not-found", "job not found");
    return { ok: true, result: this.#deps.store.result(jobId, job.round) };
  }

  execution(): Awaited<ReturnType<ExecutionRpc["execution"]>> {
    const { state } = this.#deps.runtime;
    if (state === null) return refuse("execution-not-found", "no job was ever dispatched to this execution");
    const { clock, container, id, jobs } = this.#deps;
    const views = state.jobs.map((job) => jobs.card(state, job));
    const place = { containerId: id, running: container.running() };
    return { ok: true, view: toExecutionView(state, views, clock.now(), place) };
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
    await this.#deps.runtime.until(() => {
      const job = this.#job(jobId);
      return job === null || !isLive(job);
    }, waitMs);
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
    await this.#deps.runtime.until(() => !busy(), waitMs);
    const status = busy() ? "stopping" : "done";
    return { ok: true, answer: { jobId: id, state: stateOf(status), status } };
  }

  #job(jobId: string): Job | null {
    const { state } = this.#deps.runtime;
    return state === null ? null : jobOf(state, jobId);
  }
}
