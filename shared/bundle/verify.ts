import { bundleEnd, type Sha256, toLine } from "./chain.ts";
import { parseJson } from "../json.ts";
import type { BundleHead, BundleLine } from "./line.ts";

export type BundleReport = {
  readonly ok: boolean;
  readonly executionId: string | null;
  /** Lines read, the one with the problem included. */
  readonly lines: number;
  readonly events: number;
  readonly gaps: number;
  /** Lines of the log that the gaps stand for. */
  readonly missing: number;
  readonly jobs: number;
  /** Of the log's last line that was read. */
  readonly cursor: number;
  readonly head: string | null;
  /** The first thing wrong; `line` counts from 1. */
  readonly problem?: { readonly line: number; readonly text: string };
};

export type BundleCheck = {
  readonly sha256: Sha256;
  /** What makes a line of a parsed text; null where it is none. */
  readonly readLine: (value: unknown) => BundleLine | null;
  /** Heads kept from elsewhere, as from terminal views: the bundle must have their lines. */
  readonly expected?: readonly BundleHead[];
};

/**
 * Reads a bundle line by line, each without its newline, and stops at the first thing wrong. A bundle that was written anew
 * from end to end is told from the true one by `expected` alone.
 */
export async function verifyLines(
  lines: AsyncIterable<string> | Iterable<string>,
  { sha256, readLine, expected = [] }: BundleCheck,
): Promise<BundleReport> {
  let seen = nothing;
  let prev: string | null = null;
  for await (const text of lines) {
    const before: Seen = { ...seen, lines: seen.lines + 1 };
    const line = readLine(parseJson(text));
    const taken: Taken | string =
      line === null ? "this is no line of a bundle" : take(before, line, { text, prev });
    if (typeof taken === "string") return report(before, taken);
    prev = await sha256(text);
    seen = taken.isOfLog ? { ...taken.seen, head: prev } : taken.seen;
    const kept: BundleHead | undefined = expected.find(
      ({ cursor }) => taken.isOfLog && cursor === seen.cursor,
    );
    if (kept !== undefined && kept.head !== prev)
      return report(seen, `the line of cursor ${kept.cursor} has another hash than was kept`);
    if (kept !== undefined) seen = { ...seen, found: seen.found + 1 };
  }
  if (seen.part !== "end")
    return report({ ...seen, lines: seen.lines + 1 }, "the bundle ends without its last line");
  if (seen.found < new Set(expected.map(({ cursor }) => cursor)).size)
    return report(seen, "a line whose hash was kept is not in the bundle");
  return report(seen, null);
}

/** How far a bundle was read. */
type Seen = Omit<BundleReport, "ok" | "problem"> & {
  readonly part: BundleLine["kind"] | "start";
  readonly found: number;
};
type Read = { readonly text: string; readonly prev: string | null };
type Taken = { readonly seen: Seen; readonly isOfLog: boolean };

const nothing: Seen = {
  executionId: null,
  lines: 0,
  events: 0,
  gaps: 0,
  missing: 0,
  jobs: 0,
  cursor: 0,
  head: null,
  part: "start",
  found: 0,
};

/** Which kinds may stand before a line of each kind. */
const mayFollow: Readonly<Record<BundleLine["kind"], readonly Seen["part"][]>> = {
  bundle: ["start"],
  event: ["bundle", "event", "gap"],
  gap: ["bundle", "event"],
  export: ["bundle", "event", "gap"],
  job: ["export", "job"],
  end: ["export", "job"],
};

/** What is known after one more line, or what is wrong with it. */
function take(seen: Seen, line: BundleLine, { text, prev }: Read): Taken | string {
  if (!mayFollow[line.kind].includes(seen.part))
    return `a line '${line.kind}' cannot stand after '${seen.part}'`;
  if (line.prev !== prev) return "the line before is not the one that this one names";
  const next: Seen = { ...seen, part: line.kind };
  switch (line.kind) {
    case "bundle":
      return { seen: { ...next, executionId: line.executionId }, isOfLog: true };
    case "event": {
      const { cursor } = line.event;
      if (cursor !== seen.cursor + 1)
        return `cursor ${cursor} follows ${seen.cursor}, and no gap counts what is missing`;
      return { seen: { ...next, cursor, events: seen.events + 1 }, isOfLog: true };
    }
    case "gap": {
      const { from, to, count } = line.gap;
      if (from !== seen.cursor + 1 || count !== to - from + 1 || count < 1)
        return "the gap does not count what is missing";
      return {
        seen: { ...next, cursor: to, gaps: seen.gaps + 1, missing: seen.missing + count },
        isOfLog: true,
      };
    }
    case "export":
      return { seen: next, isOfLog: false };
    case "job":
      return { seen: { ...next, jobs: seen.jobs + 1 }, isOfLog: false };
    case "end":
      return text === toLine(prev, bundleEnd({ ...seen, head: seen.head ?? "" }))
        ? { seen: next, isOfLog: false }
        : "the last line does not count what was read";
  }
}

function report(seen: Seen, problem: string | null): BundleReport {
  const { part: _part, found: _found, ...read } = seen;
  if (problem === null) return { ok: true, ...read };
  return { ok: false, ...read, problem: { line: seen.lines, text: problem } };
}
