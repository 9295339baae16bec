/** Where the keyboard goes from a card. Pure. */

export type Move = "up" | "down" | "left" | "right" | "first" | "last";

/** Columns of keys as they stand on the screen; null where there is nothing to go to. */
export function stepFrom(
  grid: ReadonlyArray<readonly string[]>,
  from: string | null,
  move: Move,
): string | null {
  const x = grid.findIndex((column) => from !== null && column.includes(from));
  const column = grid[x];
  if (from === null || column === undefined) return grid.find(([first]) => first !== undefined)?.[0] ?? null;
  const y = column.indexOf(from);
  switch (move) {
    case "up":
      return column[Math.max(0, y - 1)] ?? null;
    case "down":
      return column[Math.min(column.length - 1, y + 1)] ?? null;
    case "first":
      return column[0] ?? null;
    case "last":
      return column.at(-1) ?? null;
    case "left":
      return beside(grid.slice(0, x).toReversed(), y) ?? from;
    case "right":
      return beside(grid.slice(x + 1), y) ?? from;
  }
}

/** In the next column that holds anything, at the same height where it is long enough. */
function beside(others: ReadonlyArray<readonly string[]>, y: number): string | null {
  const column = others.find(({ length }) => length > 0);
  return column?.[Math.min(y, column.length - 1)] ?? null;
}
