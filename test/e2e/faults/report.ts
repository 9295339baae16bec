import type { CellReport } from "./cell.ts";
import { expectedOf, faultNames, phaseNames } from "./matrix.ts";
import { describeExpected } from "./observation.ts";

/** One line of a run. */
export function describeCell({ fault, phase, end, evidence, violations, seconds }: CellReport): string {
  const head = `${violations.length === 0 ? "ok  " : "FAIL"} ${fault} × ${phase} (${seconds.toFixed(1)} s): ${end}`;
  return [`${head} [${evidence}]`, ...violations.map((text) => `       ${text}`)].join("\n");
}

export function summarize(
  reports: readonly CellReport[],
  differences: number,
): { readonly line: string; readonly violations: number } {
  const violations = differences + reports.reduce((sum, each) => sum + each.violations.length, 0);
  const { p50, p99 } = latencies(reports);
  return {
    violations,
    line: `${reports.length} cells, ${violations} violations, fault to verdict p50 ${p50} ms, p99 ${p99} ms`,
  };
}

/** The page: what each cell came to, and what was seen of its fault. */
export function toPage(
  reports: readonly CellReport[],
  { seconds, scale }: { readonly seconds: number; readonly scale: number },
): string {
  const { p50, p99 } = latencies(reports);
  const rows = faultNames.flatMap((fault) =>
    phaseNames.map((phase) => rowOf(reports.find((each) => each.fault === fault && each.phase === phase))),
  );
  return `# Fault matrix

Written by \`npm run faults\`: every fault in every phase, in real workerd with the process engine, the real harness, Pi and
git; the model is scripted. The policy runs at 1:${Math.round(1 / scale)}. ${reports.length} cells, ${seconds} s; from fault to verdict p50 ${p50} ms,
p99 ${p99} ms. [testing.md](testing.md) says what each cell checks beside its end, and what stands for what.

| fault | phase | end | seen of the fault |
|---|---|---|---|
${rows.join("\n")}
`;
}

/** Cells that came to something else than the page says. */
export function differencesFrom(page: string, reports: readonly CellReport[]): readonly string[] {
  const lines = new Set(page.split("\n"));
  return reports
    .filter((report) => !lines.has(rowOf(report)))
    .map((report) => `docs/faults.md has another row than: ${rowOf(report)}`);
}

function rowOf(report: CellReport | undefined): string {
  if (report === undefined) throw new Error("the matrix has a blank cell");
  const { fault, phase, end, evidence } = report;
  const right = describeExpected(expectedOf(fault, phase));
  return `| ${fault} | ${phase} | ${right.includes(end) ? right.join(" or ") : end} | ${evidence} |`;
}

function latencies(reports: readonly CellReport[]): { readonly p50: number; readonly p99: number } {
  const all = reports.flatMap(({ verdictMs }) => verdictMs ?? []).toSorted((a, b) => a - b);
  const at = (share: number): number => all[Math.min(all.length - 1, Math.floor(all.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}
