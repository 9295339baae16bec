import { Status } from "../../shared/job-view.ts";
import { FaultNames } from "./faults.ts";
import type { Counts } from "./coverage.ts";
import type { Found, Simulated } from "./run.ts";

const NAME_CHARS = 18;
const COUNT_CHARS = 10;

/** How often each status met each input, and each deadline, outcome and fault occurred. */
export function printReport({ covered, seed }: Simulated): void {
  console.log(`seed ${seed}\n`);
  printCells(covered.cells);
  printCounts("deadlines that had passed at a tick", covered.deadlines);
  printCounts("outcomes", covered.outcomes);
  printCounts("faults", covered.faults, FaultNames);
}

export function printViolation({ history, replay, text }: Found): void {
  console.log(`${text}\n`);
  for (const line of history) console.log(line);
  console.log(`\nreplay: npm run simulate -- --replay '${JSON.stringify(replay)}'\n`);
}

function printCells(cells: Counts): void {
  const statuses = ["nothing", ...Status.options];
  const inputs = [...new Set(Object.keys(cells).map((cell) => cell.split(" × ")[1] ?? ""))];
  console.log(`${"".padEnd(NAME_CHARS)}${statuses.map((name) => name.padStart(COUNT_CHARS)).join("")}`);
  for (const input of inputs) {
    const counts = statuses.map((status) =>
      String(cells[`${status} × ${input}`] ?? "·").padStart(COUNT_CHARS),
    );
    console.log(`${input.padEnd(NAME_CHARS)}${counts.join("")}`);
  }
}

function printCounts(title: string, counts: Counts, texts: Readonly<Record<string, string>> = {}): void {
  console.log(`\n${title}`);
  for (const [name, count] of Object.entries(counts)) {
    console.log(
      `${name.padEnd(NAME_CHARS + 2)}${String(count).padStart(COUNT_CHARS)}  ${texts[name] ?? ""}`.trimEnd(),
    );
  }
}
