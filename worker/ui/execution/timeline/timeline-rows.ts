/** The timeline as rows of a table: what is within a stretch of it, in the order of time. Pure. */
import { plain } from "../../formats.ts";
import { callWords, momentWords } from "./call-words.ts";
import type { Range } from "./time-window.ts";
import type { Timeline, ToolCall } from "./timeline.ts";

export type Row = {
  readonly key: string;
  readonly atMs: number;
  readonly what: string;
  readonly tookMs: number | null;
  readonly call?: ToolCall;
};

/** Words cost more than times: a row is told once it is to be shown. */
type Untold = {
  readonly atMs: number;
  readonly tookMs: number | null;
  readonly tell: () => Omit<Row, "atMs" | "tookMs">;
};

export const MAX_ROWS = 200;

/** At most so many, and how many more there are. */
export function rowsIn(
  timeline: Timeline,
  { fromMs, toMs }: Range,
): { readonly rows: readonly Row[]; readonly more: number } {
  const found = untold(timeline)
    .filter(({ atMs, tookMs }) => atMs <= toMs && atMs + (tookMs ?? 0) >= fromMs)
    .toSorted((a, b) => a.atMs - b.atMs);
  const rows = found.slice(0, MAX_ROWS).map(({ atMs, tookMs, tell }) => ({ atMs, tookMs, ...tell() }));
  return { rows, more: found.length - rows.length };
}

function untold({ attempts, phases, calls, moments }: Timeline): readonly Untold[] {
  const span = ({ fromMs, toMs }: Range): Pick<Untold, "atMs" | "tookMs"> => ({
    atMs: fromMs,
    tookMs: toMs - fromMs,
  });
  return [
    ...attempts.map((attempt) => ({
      ...span(attempt),
      tell: () => ({
        key: `attempt ${attempt.number}`,
        what: `Attempt ${attempt.number}${attempt.end === "lost" ? ", lost" : ""}`,
      }),
    })),
    ...phases.map((phase) => ({
      ...span(phase),
      tell: () => ({ key: `phase ${phase.fromMs} ${phase.name}`, what: `Phase ${plain(phase.name, 60)}` }),
    })),
    ...calls.map((call) => ({
      ...span(call),
      tell: () => ({ key: `call ${call.cursor}`, what: callWords(call), call }),
    })),
    ...moments.map(({ atMs, kind, cursor }) => ({
      atMs,
      tookMs: null,
      tell: () => ({ key: `moment ${cursor}`, what: momentWords[kind] }),
    })),
  ];
}
