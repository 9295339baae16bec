/** One real execution of the sample job, followed live. */
import type { JobView } from "../shared/job-view.ts";
import type { Span } from "../shared/job-result.ts";
import type { Client } from "./client.ts";
import { toLine } from "./progress.ts";
import type { DemoModel } from "./real-model.ts";
import { createSampleRepository } from "./sample/sample.ts";
import { makeSampleJob } from "./sample-job.ts";
import type { StandIns } from "./stand-ins.ts";
import { now } from "./system.ts";

export type DemoOptions = {
  readonly client: Client;
  readonly standIns: StandIns;
  readonly model: DemoModel;
  readonly gitToken: string;
  readonly print: (line: string) => void;
};

/** Dispatches, prints what happens until the end, and returns the final view with every span that was seen on the way. */
export async function runDemo({ client, standIns, model, gitToken, print }: DemoOptions): Promise<JobView> {
  const repository = await createSampleRepository(standIns.git);
  const startedAt = now();
  const name = startedAt.toString(36);
  const jobId = `demo_${name}-coder`;
  const body = makeSampleJob({
    jobId,
    repository,
    githubUrl: standIns.github.url,
    gitToken,
    modelUrl: model.baseUrl,
    modelToken: model.key,
    model: model.id,
    branch: `holt/${name}`,
  });
  const { executionId } = await client.dispatch(body);
  print(`Job      ${jobId} in execution ${executionId}, repository ${repository.cloneUrl}`);
  const spans: Span[] = [];
  let cursor = 0;
  let view: JobView | null = null;
  for (;;) {
    const read: JobView | null = await client.readAfter(jobId, cursor, view?.revision ?? null, 10);
    for (const event of await client.events(executionId, cursor)) {
      cursor = event.cursor;
      const line = toLine(event, startedAt);
      if (line !== null) print(line);
    }
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
