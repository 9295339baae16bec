/** Where a reader is on each board, for as long as the page is open: whoever comes back from an execution finds it as it was left. */
import { useLayoutEffect } from "preact/hooks";
import type { ColumnName } from "./columns.ts";

export type BoardPlace = Scrolled & {
  /** The column that is shown where there is room for one and the address names none. */
  chosen: ColumnName | null;
  /** The card that has the focus, or had it last. */
  readonly focused: { current: string | null };
  readonly columns: Readonly<Record<ColumnName, ColumnPlace>>;
};
/** `shown`: so many of its cards. */
export type ColumnPlace = Scrolled & { shown: number };
type Scrolled = { topPx: number };

/** So many at first of a column. */
const FIRST_CARDS = 25;

const places = new Map<string, BoardPlace>();

export function placeOf(board: string): BoardPlace {
  const place = places.get(board) ?? firstPlace();
  places.set(board, place);
  return place;
}

/** Scrolls to where it was left last once all of it is there. */
export function useScrollPlace(
  box: { readonly current: Element | null },
  { place, isRead }: { readonly place: Scrolled; readonly isRead: boolean },
): void {
  useLayoutEffect(() => {
    const { current } = box;
    if (!isRead || current === null) return undefined;
    current.scrollTop = place.topPx;
    return () => {
      place.topPx = current.scrollTop;
    };
  }, [place, isRead]);
}

function firstPlace(): BoardPlace {
  const first = (): ColumnPlace => ({ topPx: 0, shown: FIRST_CARDS });
  return {
    topPx: 0,
    chosen: null,
    focused: { current: null },
    columns: {
      queued: first(),
      starting: first(),
      working: first(),
      attention: first(),
      done: first(),
      failed: first(),
    },
  };
}
