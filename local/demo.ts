/** One real execution of the sample job, followed live. */
import type { JobView } from "../shared/job-view.ts";
import type { Span } from "../shared/job-result.ts";
import { createClient } from "./client.ts";
import { createProgress } from "./progress.ts";
import type { DemoModel } from "./real-model.ts";
import { createSampleRepository, sampleTitle } from "./sample/sample.ts";
import { makeSampleJob } from "./sample-job.ts";
import type { StandIns } from "./stand-ins.ts";
import { now, type Terminal } from "./system.ts";

export type DemoOptions = {
  /** Where the Worker answers, and the token for it. */
  readonly url: string;
  readonly token: string;
  readonly standIns: StandIns;
  readonly model: DemoModel;
  readonly gitToken: string;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
};

const WAIT_SECONDS = 10;
/** What its card says of it. */
const labels = { title: sampleTitle, team: "sample", priority: "P2" };

/** Dispatches, shows what happens until the end, and returns the final view with every span that was seen on the way. */
export async function runDemo(options: DemoOptions): Promise<JobView> {
  const { url, token, standIns, model, gitToken, terminal, signal } = options;
  const client = createClient(url, token, signal);
  const repository = await createSampleRepository(standIns.git);
  const startedAt = now();
  const name = startedAt.toString(36);
  const executionId = `demo_${name}`;
  const jobId = `${executionId}-coder`;
  const {
    kind: _saidByTheRoute,
    jobId: _besideIt,
    ...spec
  } = makeSampleJob({
    jobId,
    repository,
    githubUrl: standIns.github.url,
    gitToken,
    modelUrl: model.baseUrl,
    modelToken: model.key,
    model: model.id,
    branch: `holt/${name}`,
  });
  await client.dispatch(executionId, { jobId, labels, spec });
  terminal.print(`Job      ${jobId} in execution ${executionId}`);
  terminal.print(`Clones   ${repository.cloneUrl}\n`);

  const progress = createProgress(startedAt, terminal.paint);
  let cursor = 0;
  /** Page by page up to the newest: a burst of output is longer than one page. */
  const showEvents = async (): Promise<void> => {
    for (;;) {
      const { events, next, newest } = await client.events(executionId, cursor);
      for (const line of events.flatMap(progress.add)) terminal.print(line);
      cursor = next;
      if (cursor >= newest || events.length === 0) break;
    }
    const pending = progress.pending();
    if (pending !== null) terminal.hint(pending);
  };

  const spans: Span[] = [];
  let view: JobView | null = null;
  for (;;) {
    const read: JobView | null = await client.readAfter(jobId, cursor, view?.revision ?? null, WAIT_SECONDS);
    await showEvents();
    if (read === null) continue;
    view = read;
    spans.push(...(read.spans ?? []));
    if (read.state === "running") continue;
    // The plain read takes delivery of the end, as an orchestrator would.
    const taken = await client.take(jobId);
    return { ...taken, spans: uniqueBySeq([...spans, ...(taken.spans ?? [])]) };
  }
}

function uniqueBySeq(spans: readonly Span[]): Span[] {
  return [...new Map(spans.map((span) => [span.seq, span])).values()].toSorted((a, b) => a.seq - b.seq);
}
