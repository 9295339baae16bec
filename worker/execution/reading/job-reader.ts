import type { BundleHead } from "../../../shared/bundle/line.ts";
import { type Refusal, refuse } from "../../../shared/errors.ts";
import { type FollowUp, JobResult, type Span } from "../../../shared/job-result.ts";
import type { JobView } from "../../../shared/job-view.ts";
import { Limits } from "../../../shared/limits.ts";
import type { Clock, ContainerPort } from "../../ports.ts";
import type { Telemetry } from "../storage/event-log.ts";
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
    const rows = this.#deps.store.log.telemetryAfter(jobId, after);
    const whole = withBundle(bare(this.#toView(state, job, { door })), bundle);
    const base = fitView(whole, Limits.viewBytes - RESERVED_BYTES);
    const taken = fitting(rows, Limits.viewBytes - jsonBytes(base));
    const cut = taken.length < rows.length || rows.length === Limits.spansPerRead;
    const cursor = cut ? (taken.at(-1)?.cursor ?? after) : state.cursor;
    const { spans, followUps } = telemetryOf(taken);
    const telemetry = { ...(spans.length > 0 && { spans }), ...(followUps.length > 0 && { followUps }) };
    return { ok: true, view: { ...base, ...telemetry, cursor } };
  }

  /** The plain read of the job protocol; what it offers and delivers is in the state before it is answered. */
  take(jobId: string): ViewRead | Refusal {
    const { clock, runtime, store } = this.#deps;
    const before = this.#find(jobId);
    if (before === null) return notFound();
    const now = clock.now();
    const { job } = before;
    const from = offerFrom(job.spans, now);
    const spans = store.log.spans(jobId, from, from + Limits.spansPerRead - 1);
    const followUps = store.log.followUps(jobId, job.followUpsOffered);
    const offer = { spans, followUps, isWhole: from + spans.length > job.spans.newest };
    const running = this.#fits(before, offer, true);
    const ended = carriesEnd(job, now) ? this.#fits(before, offer, false) : running;
    const { reply } = runtime.apply({ kind: "take", jobId, running, ended });
    if (reply.kind === "refused") return reply.refusal;
    const after = this.#find(jobId);
    if (reply.kind !== "taken" || after === null) throw new Error("a take was not answered as one");
    const fresh = followUps.filter(({ cursor }) => cursor <= reply.followUps.through);
    const { from: first, to } = reply.spans;
    const { held } = reply;
    const view = this.#toView(after.state, after.job, { door: "job", held, ...telemetryOf(fresh) });
    const shown =
      view.state === "running"
        ? { ...view, ...spansOf(store.log.spans(jobId, first, to)) }
        : this.#withNewest(view, after.job, first);
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
    offer: {
      readonly spans: readonly Telemetry[];
      readonly followUps: readonly Telemetry[];
      readonly isWhole: boolean;
    },
    held: boolean,
  ): Fits {
    const base = fitView(bare(this.#toView(state, job, { door: "job", held })), Limits.viewBytes);
    const taken = fitting([...offer.followUps, ...offer.spans], Limits.viewBytes - jsonBytes(base));
    const followUps = taken.filter(({ kind }) => kind === "follow-up");
    const spans = taken.length - followUps.length;
    const allFollowUps = followUps.length === offer.followUps.length;
    return {
      spans,
      followUpsThrough: allFollowUps ? state.cursor : (followUps.at(-1)?.cursor ?? job.followUpsOffered),
      all: allFollowUps && offer.isWhole && spans === offer.spans.length,
    };
  }

  /** The end carries what is still on offer and repeats the newest spans, as far as they fit: nothing comes after it. */
  #withNewest(view: JobView, job: Job, onOffer: number): JobView {
    const { newest } = job.spans;
    const from = Math.max(1, Math.min(onOffer, newest - Limits.spansPerTerminalRead + 1));
    const newestFirst = this.#deps.store.log.spans(job.jobId, from, newest).toReversed();
    const room = Limits.viewBytes - jsonBytes(bare(view)) - jsonBytes(view.followUps);
    return { ...view, ...spansOf(fitting(newestFirst, room).toReversed()) };
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

/** The longest beginning of the rows that fits. */
function fitting(rows: readonly Telemetry[], roomBytes: number): readonly Telemetry[] {
  const namesBytes = 40; // the two lists' names, brackets and commas round them
  let room = roomBytes - namesBytes;
  const end = rows.findIndex(({ value }) => {
    room -= jsonBytes(value) + 1;
    return room < 0;
  });
  return end === -1 ? rows : rows.slice(0, end);
}

function telemetryOf(rows: readonly Telemetry[]): { readonly spans: Span[]; readonly followUps: FollowUp[] } {
  return {
    spans: rows.flatMap((row) => (row.kind === "span" ? [row.value] : [])),
    followUps: rows.flatMap((row) => (row.kind === "follow-up" ? [row.value] : [])),
  };
}

function spansOf(rows: readonly Telemetry[]): { readonly spans?: Span[] } {
  const { spans } = telemetryOf(rows);
  return spans.length === 0 ? {} : { spans };
}
