import { type Cell, type CellReport, runCell, runTogether, type Surroundings } from "./cell.ts";
import { faults } from "./injected/faults.ts";
import { faultNames } from "./matrix.ts";

/** Runs every cell: one by one what is an execution's own, so many at a time; together what hits everything at once. */
export async function runCells(
  cells: readonly Cell[],
  around: Surroundings,
  { atOnce, tell }: { readonly atOnce: number; readonly tell: (report: CellReport) => void },
): Promise<readonly CellReport[]> {
  const reports: CellReport[] = [];
  const keep = (report: CellReport): void => {
    reports.push(report);
    tell(report);
  };
  const waiting = cells.filter(({ fault }) => faults[fault].of === "execution");
  const lane = async (): Promise<void> => {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
      keep(await runCell(cell, around));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  for (const fault of faultNames.filter((name) => faults[name].of === "world")) {
    const together = cells.filter((cell) => cell.fault === fault);
    if (together.length > 0) for (const report of await runTogether(together, around)) keep(report);
  }
  return reports;
}
