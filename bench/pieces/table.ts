/** One measured number beside what it is to be; `isMet` is null where nothing was promised. */
export type Row = {
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  readonly isMet: boolean | null;
};

export function atMost(what: string, measured: number, goal: number, unit: string): Row {
  return { what, goal: `≤ ${goal}${unit}`, measured: show(measured, unit), isMet: measured <= goal };
}

export function atLeast(what: string, measured: number, goal: number, unit: string): Row {
  return { what, goal: `≥ ${goal}${unit}`, measured: show(measured, unit), isMet: measured >= goal };
}

export function told(what: string, measured: number, unit: string): Row {
  return { what, goal: "", measured: show(measured, unit), isMet: null };
}

/** As a table of Markdown, so that it can be kept in a page as it is printed. */
export function toTable(rows: readonly Row[]): string {
  const lines = rows.map(({ what, goal, measured, isMet }) => [
    what,
    goal,
    measured,
    isMet === null ? "" : isMet ? "yes" : "NO",
  ]);
  const all = [["measured", "goal", "here", "met"], ...lines];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
  const format = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...rest] = all;
  return [format(head), format(widths.map((width) => "-".repeat(width))), ...rest.map(format)].join("\n");
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function show(value: number, unit: string): string {
  return `${value < 10 ? value.toFixed(2) : Math.round(value)}${unit}`;
}
