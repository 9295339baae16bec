import type { BundleHead } from "../../../shared/bundle/line.ts";
import { type Refusal, refuse } from "../../../shared/errors.ts";
import { JobResult } from "../../../shared/job-result.ts";
import type { JobView } from "../../../shared/job-view.ts";
import { Limits } from "../../../shared/limits.ts";
import type { Clock, ContainerPort } from "../../ports.ts";
import { fitsOf, fitting, type Offer, reached, toLists, upTo } from "./fit-telemetry.ts";
import { fitView, jsonBytes } from "./fit-view.ts";
import type { Fits } from "../input.ts";
import { carriesEnd, offerFrom } from "../lifecycle/delivery.ts";
import type { Door, ViewRead } from "../rpc.ts";
import type { Runtime } from "../runtime.ts";
import { type ExecutionState, type Job, jobOf } from "../state.ts";
import type { Store } from "../store.ts";
import { toJobView, type ViewExtras } from "../view.ts";

export type JobReaderDeps = {
  readonly runtime: Runtime;
  readonly store: Store;
  readonly clock: Clock;
  readonly container: ContainerPort;
  /** The object's id. */
  readonly id: string;
};

/** What a read after a cursor leaves for telemetry, however large the result is. */
const RESERVED_BYTES = 60_000;

/** Makes the views of one job, each within the size that clients accept. */
export class JobReader {
  readonly #deps: JobReaderDeps;

  constructor(deps: JobReaderDeps) {
    this.#deps = deps;
  }

  /** Without telemetry. */
  view(jobId: string, door: Door, bundle: BundleHead | null = null): ViewRead | Refusal {
    const found = this.#find(jobId);
    if (found === null) return notFound();
    return { ok: true, view: withBundle(this.#toView(found.state, found.job, { door }), bundle) };
  }

  /** With what the log has after a cursor, as far as it fits; the view's cursor says where to read on. */
  viewAfter(
    jobId: string,
    door: Door,
    { after, bundle = null }: { readonly after: number; readonly bundle?: BundleHead | null },
  ): ViewRead | Refusal {
    const found = this.#find(jobId);
    if (found === null) return notFound();
    const { state, job } = found;
    const page = this.#deps.store.telemetry.after(jobId, after);
    const whole = withBundle(bare(this.#toView(state, job, { door })), bundle);
    const base = fitView(whole, Limits.viewBytes - RESERVED_BYTES);
    const taken = fitting(page.rows, Limits.viewBytes - jsonBytes(base));
    const cursor = reached({ ...page, before: after, newest: state.cursor }, taken);
    return { ok: true, view: { ...base, ...toLists(taken), cursor } };
  }

  /** The plain read of the job protocol; what it offers and delivers is in the state before it is answered. */
  take(jobId: string): ViewRead | Refusal {
    const { clock, runtime } = this.#deps;
    const { telemetry } = this.#deps.store;
    const before = this.#find(jobId);
    if (before === null) return notFound();
    const now = clock.now();
    const { state, job } = before;
    const from = offerFrom(job.spans, now);
    const spans = { ...telemetry.spansFrom(jobId, from), before: from - 1, newest: job.spans.newest };
    const { followUpsOffered } = job;
    const unoffered = telemetry.followUpsAfter(jobId, followUpsOffered);
    const followUps = { ...unoffered, before: followUpsOffered, newest: state.cursor };
    const offer = { spans, followUps };
    const running = this.#fits(before, offer, true);
    const ended = carriesEnd(job, now) ? this.#fits(before, offer, false) : running;
    const { reply } = runtime.apply({ kind: "take", jobId, running, ended });
    if (reply.kind === "refused") return reply.refusal;
    const after = this.#find(jobId);
    if (reply.kind !== "taken" || after === null) throw new Error("a take was not answered as one");
    const told = toLists(upTo(followUps.rows, reply.followUps.through));
    const view = this.#toView(after.state, after.job, { door: "job", held: reply.held, ...told });
    const shown =
      view.state === "running"
        ? { ...view, ...toLists(upTo(spans.rows, reply.spans.to)) }
        : this.#withNewest(view, after.job, reply.spans.from);
    return { ok: true, view: fitView(shown, Limits.viewBytes) };
  }

  /** What an execution shows of one of its jobs: all but what may be large, which the job's own view has. */
  card(state: ExecutionState, job: Job): JobView {
    const { detail: _detail, ...view } = bare(this.#toView(state, job, { door: "native", result: null }));
    return view;
  }

  #toView(state: ExecutionState, job: Job, extras: Partial<ViewExtras> & Pick<ViewExtras, "door">): JobView {
    const { clock, container, id } = this.#deps;
    const place = { containerId: id, running: container.running() };
    const result = extras.result === undefined ? this.#resultOf(job) : extras.result;
    return toJobView(state, job, clock.now(), { spans: [], followUps: [], ...place, ...extras, result });
  }

  #resultOf(job: Job): JobResult | null {
    const stored = job.end === null ? null : this.#deps.store.result(job.jobId, job.round);
    return stored === null ? null : JobResult.parse(JSON.parse(stored));
  }

  #fits(
    { state, job }: Found,
    { spans, followUps }: { readonly spans: Offer; readonly followUps: Offer },
    held: boolean,
  ): Fits {
    const base = fitView(bare(this.#toView(state, job, { door: "job", held })), Limits.viewBytes);
    return fitsOf(spans, followUps, Limits.viewBytes - jsonBytes(base));
  }

  /** The end carries what is still on offer and repeats the newest spans, as far as they fit: nothing comes after it. */
  #withNewest(view: JobView, job: Job, onOffer: number): JobView {
    const { newest } = job.spans;
    const from = Math.max(1, Math.min(onOffer, newest - Limits.spansPerTerminalRead + 1));
    const newestFirst = this.#deps.store.telemetry.spansDownTo(job.jobId, from);
    const room = Limits.viewBytes - jsonBytes(bare(view)) - jsonBytes(view.followUps);
    return { ...view, ...toLists(fitting(newestFirst, room).toReversed()) };
  }

  #find(jobId: string): Found | null {
    const { state } = this.#deps.runtime;
    const job = state === null ? null : jobOf(state, jobId);
    return state === null || job === null ? null : { state, job };
  }
}

type Found = { readonly state: ExecutionState; readonly job: Job };

function notFound(): Refusal {
  return refuse("job-not-found", "job not found");
}

function withBundle(view: JobView, bundle: BundleHead | null): JobView {
  return bundle === null || view.state === "running" ? view : { ...view, bundle };
}

/** What is given up before any telemetry is. */
function bare(view: JobView): JobView {
  const { logTail: _tail, spans: _spans, followUps: _followUps, ...rest } = view;
  return rest;
}
