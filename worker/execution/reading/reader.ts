import type { BundleHead } from "../../../shared/bundle/line.ts";
import { type Refusal, refuse } from "../../../shared/errors.ts";
import type { Clock, ContainerPort } from "../../ports.ts";
import type { BundleHeads } from "./bundle-heads.ts";
import type { JobReader } from "./job-reader.ts";
import type {
  EventsRequest,
  ExecutionRequest,
  ExecutionRpc,
  ReadRequest,
  Stopped,
  ViewRead,
  WholeResult,
} from "../rpc.ts";
import type { Runtime } from "../runtime.ts";
import { isLive, type Job, jobOf } from "../state.ts";
import type { Store } from "../store.ts";
import { stateOf, statusOf, toExecutionView } from "../view.ts";

export type ReaderDeps = {
  readonly jobs: JobReader;
  readonly heads: BundleHeads;
  readonly runtime: Runtime;
  readonly store: Store;
  readonly clock: Clock;
  readonly container: ContainerPort;
  /** The object's id. */
  readonly id: string;
};

/**
 * Reads of an execution: from the state and the log alone, they start nothing and arm nothing, and write nothing but the
 * bundle's hash at an end.
 */
export class Reader {
  readonly #deps: ReaderDeps;

  constructor(deps: ReaderDeps) {
    this.#deps = deps;
  }

  async read({ jobId, door, after, revision, waitMs = 0 }: ReadRequest): Promise<ViewRead | Refusal> {
    // Of a page behind the one it came with, a revision says nothing.
    if (revision !== undefined && !this.#hasMore(jobId, after)) {
      const isNew = () => this.#job(jobId)?.revision !== revision;
      await this.#deps.runtime.until(isNew, waitMs);
      if (!isNew()) return { ok: true, unchanged: true, revision };
    }
    const { jobs } = this.#deps;
    const bundle = door === "native" ? await this.#bundleOf(jobId) : null;
    return after === undefined
      ? jobs.view(jobId, door, bundle)
      : jobs.viewAfter(jobId, door, { after, bundle });
  }

  result(jobId: string): WholeResult | Refusal {
    const job = this.#job(jobId);
    if (job === null) return refuse("job-not-found", "job not found");
    return { ok: true, round: job.round, result: this.#deps.store.result(jobId, job.round) };
  }

  async execution({ revision, waitMs = 0 }: ExecutionRequest): ReturnType<ExecutionRpc["execution"]> {
    const { clock, container, id, jobs, runtime } = this.#deps;
    if (revision !== undefined) await runtime.until(() => runtime.state?.revision !== revision, waitMs);
    const { state } = runtime;
    if (state === null) return noExecution();
    const views = state.jobs.map((job) => jobs.card(state, job));
    const place = { containerId: id, running: container.running() };
    return { ok: true, view: toExecutionView(state, views, clock.now(), place) };
  }

  async events({ tag, waitMs = 0, ...range }: EventsRequest): ReturnType<ExecutionRpc["events"]> {
    const { runtime, store } = this.#deps;
    const { after } = range;
    if (runtime.state === null) return noExecution();
    if (after > runtime.state.cursor) return beyond(after, runtime.state.cursor);
    await runtime.until(() => this.#cursor() !== after && this.#tag() !== tag, waitMs);
    const { state } = runtime;
    if (state === null) return noExecution();
    const page = store.log.page(state.executionId, state.cursor, range);
    const live = state.instance !== null || state.jobs.some(isLive);
    return { ok: true, page, tag: this.#tag(), live };
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

  async #bundleOf(jobId: string): Promise<BundleHead | null> {
    const { heads, runtime } = this.#deps;
    const job = this.#job(jobId);
    return job === null || runtime.state === null ? null : heads.of(runtime.state.executionId, job);
  }

  #hasMore(jobId: string, after: number | undefined): boolean {
    return (
      after !== undefined && this.#job(jobId) !== null && this.#deps.store.telemetry.hasAfter(jobId, after)
    );
  }

  #cursor(): number {
    return this.#deps.runtime.state?.cursor ?? 0;
  }

  /** Names the log as it stands, also where the name of an execution is used again after its retention. */
  #tag(): string {
    return `${this.#cursor()}.${this.#deps.store.log.newestAt()}`;
  }

  #job(jobId: string): Job | null {
    const { state } = this.#deps.runtime;
    return state === null ? null : jobOf(state, jobId);
  }
}

function noExecution(): Refusal {
  return refuse("execution-not-found", "no job was ever dispatched to this execution");
}

/** The log may have begun anew since: a reader that waited on would miss what comes before its cursor. */
function beyond(after: number, newest: number): Refusal {
  return refuse("invalid-request", `the log ends at cursor ${newest}, before ${after}: read it from 0`, {
    newest,
  });
}
