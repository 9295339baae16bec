/** Where the keyboard goes from a card. Pure. */

export type Move = "up" | "down" | "left" | "right" | "first" | "last";

/** Column and height; -1 is above its first card, where one is who looks at a column and is on none of its cards. */
export type Spot = { readonly x: number; readonly y: number };

/** @param heights how many cards each column has; null where there is nothing to go to */
export function stepFrom(heights: readonly number[], from: Spot | null, move: Move): Spot | null {
  const cardAt = (x: number, y: number): Spot | null => {
    const height = heights[x] ?? 0;
    return height === 0 ? null : { x, y: Math.max(0, Math.min(y, height - 1)) };
  };
  const isFull = (height: number): boolean => height > 0;
  if (from === null) return cardAt(heights.findIndex(isFull), 0);
  const { x, y } = from;
  switch (move) {
    case "up":
      return cardAt(x, y - 1);
    case "down":
      return cardAt(x, y + 1);
    case "first":
      return cardAt(x, 0);
    case "last":
      return cardAt(x, Infinity);
    // The next column that holds anything, at the same height where it is long enough.
    case "left":
      return cardAt(heights.slice(0, x).findLastIndex(isFull), y) ?? cardAt(x, y);
    case "right":
      return (
        cardAt(
          heights.findIndex((height, at) => at > x && isFull(height)),
          y,
        ) ?? cardAt(x, y)
      );
  }
}
