/** The execution bundle: everything that is kept of an execution, as lines of which each names the hash of the one before. */

import {
  type BundleChain,
  type BundleCounts,
  bundleEnd,
  bundleHeader,
  createBundleChain,
} from "../../shared/bundle/chain.ts";
import type { Refusal } from "../../shared/errors.ts";
import { entriesOf, type EventsPage } from "../../shared/events.ts";
import type { ExecutionRpc } from "../execution/rpc.ts";
import { sha256Hex } from "../keys.ts";
import { VERSION } from "../version.ts";
import { type EdgeDeps, type Handler, ask } from "./call.ts";
import { textStream } from "./text-stream.ts";

/** Streamed page by page: neither the object nor this isolate holds more than a page of the log or one view. */
export const readBundle: Handler = async ({ executionId }, deps) => {
  const source: Source = (question) => ask(deps, executionId, question);
  const first = await source((execution) => execution.events({ after: 0, limit: PAGE_EVENTS }));
  if (!first.ok) return first;
  const pieces = logged(bundlePieces(executionId, { first: first.page, source, deps }), executionId, deps);
  return new Response(textStream(pieces), {
    headers: {
      "content-type": "application/x-ndjson; charset=utf-8",
      "content-disposition": `attachment; filename="${executionId}.ndjson"`,
    },
  });
};

const PAGE_EVENTS = 500;

type Source = <T>(question: (execution: ExecutionRpc) => Promise<T>) => Promise<T>;
type Export = { readonly first: EventsPage; readonly source: Source; readonly deps: EdgeDeps };

/** Throws where the object fails: the body breaks off, and without its last line no bundle is whole. */
async function* bundlePieces(
  executionId: string,
  { first, source, deps }: Export,
): AsyncGenerator<string, void, undefined> {
  const chain = createBundleChain(sha256Hex);
  yield lineOf(await chain.add(bundleHeader(executionId)));
  // What comes while the export runs is not part of it, or a busy execution would never be exported.
  const through = first.newest;
  let counts: BundleCounts = { events: 0, gaps: 0, missing: 0, jobs: 0, cursor: 0, head: chain.head() ?? "" };
  for (let page: EventsPage | null = first; page !== null;) {
    counts = counted(counts, page);
    yield await linesOf(chain, page);
    page = page.next < through ? await nextPage(source, page.next, through) : null;
  }
  counts = { ...counts, head: chain.head() ?? "" };
  yield lineOf(await chain.add({ kind: "export", at: deps.clock.now(), holt: VERSION, newest: through }));
  const read = expectOk(await source((execution) => execution.execution()));
  for (const { id: jobId } of read.view.jobs) {
    const found = expectOk(await source((execution) => execution.read({ jobId, door: "native" })));
    if (!("view" in found)) throw new Error("a read without a condition was answered as unchanged");
    counts = { ...counts, jobs: counts.jobs + 1 };
    yield lineOf(await chain.add({ kind: "job", job: found.view }));
  }
  yield lineOf(await chain.add(bundleEnd(counts)));
}

async function* logged(
  pieces: AsyncGenerator<string, void, undefined>,
  executionId: string,
  { log }: EdgeDeps,
): AsyncGenerator<string, void, undefined> {
  try {
    yield* pieces;
  } catch (error) {
    log.write("warn", "bundle.failed", { executionId, error });
    throw error;
  }
}

async function nextPage(source: Source, after: number, through: number): Promise<EventsPage> {
  const read = await source((execution) => execution.events({ after, limit: PAGE_EVENTS, through }));
  return expectOk(read).page;
}

async function linesOf(chain: BundleChain, page: EventsPage): Promise<string> {
  const lines: string[] = [];
  for (const entry of entriesOf(page)) lines.push(lineOf(await chain.add(entry)));
  return lines.join("");
}

function counted(counts: BundleCounts, { events, gaps, next }: EventsPage): BundleCounts {
  return {
    ...counts,
    events: counts.events + events.length,
    gaps: counts.gaps + gaps.length,
    missing: counts.missing + gaps.reduce((sum, { count }) => sum + count, 0),
    cursor: next,
  };
}

function lineOf(text: string): string {
  return `${text}\n`;
}

function expectOk<T extends { readonly ok: true }>(answer: T | Refusal): T {
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.error}`);
  return answer;
}
