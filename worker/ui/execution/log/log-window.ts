/** Which part of a long list is in the page: never more than a window, which moves by less than its own length. */

export type LogWindow =
  /** The newest entries, whatever comes. */
  | { readonly kind: "newest" }
  /** Held where it is: entries from this one on. */
  | { readonly kind: "held"; readonly from: number };

/** `hold`: what is seen stays, whatever comes. */
export type WindowMove = "earlier" | "later" | "first" | "newest" | "hold";

/** Entries in the page at once; what stays when it moves gives the eye a hold. */
export const WINDOW_ENTRIES = 200;
const STEP_ENTRIES = 150;

export type Slice = {
  readonly from: number;
  /** One past the last. */
  readonly to: number;
};

export function sliceOf(window: LogWindow, count: number): Slice {
  const last = Math.max(0, count - WINDOW_ENTRIES);
  const from = window.kind === "newest" ? last : Math.min(window.from, last);
  return { from, to: Math.min(count, from + WINDOW_ENTRIES) };
}

export function moveWindow(window: LogWindow, move: WindowMove, count: number): LogWindow {
  const { from } = sliceOf(window, count);
  switch (move) {
    case "first":
      return { kind: "held", from: 0 };
    case "newest":
      return { kind: "newest" };
    case "hold":
      return { kind: "held", from };
    case "earlier":
      return { kind: "held", from: Math.max(0, from - STEP_ENTRIES) };
    case "later": {
      const next = from + STEP_ENTRIES;
      return next >= count - WINDOW_ENTRIES ? { kind: "newest" } : { kind: "held", from: next };
    }
  }
}
