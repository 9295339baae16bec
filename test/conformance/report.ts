/** What a run of the kit prints. */

import type { Judged } from "./run-rows.ts";

/** One line a row; a failed one has what was expected and what was seen below it. */
export function toLines({ row, verdict }: Judged): readonly string[] {
  const mark = { pass: "pass", fail: "FAIL", skipped: "skipped" }[verdict.kind];
  const reason = verdict.kind === "skipped" ? ` (${verdict.reason})` : "";
  const line = `${mark.padEnd(8)}${row.kind.padEnd(9)} ${row.group.padEnd(14)} ${row.id.padEnd(27)} ${row.title}${reason}`;
  return verdict.kind === "fail"
    ? [line, `        expected ${verdict.expected}`, `        seen     ${verdict.seen}`]
    : [line];
}

export type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number };

export function count(judged: readonly Judged[]): Counts {
  const of = (kind: string): number => judged.filter(({ verdict }) => verdict.kind === kind).length;
  return { passed: of("pass"), failed: of("fail"), skipped: of("skipped") };
}

export function toJson(judged: readonly Judged[]): string {
  const rows = judged.map(({ row, verdict, tookMs }) => {
    const { id, group, kind, title, defects = [] } = row;
    return { id, group, kind, title, defects, verdict, tookMs };
  });
  return JSON.stringify({ ...count(judged), rows }, null, 2);
}
