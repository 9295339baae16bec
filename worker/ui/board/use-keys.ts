import { type RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { onKey } from "../system.ts";
import { cardOf, columnsIn, focusCard, keyAt, spotOf } from "./on-screen.ts";
import { type Move, stepFrom } from "./steps.ts";

type KeysOptions = {
  /** Round what the keys work on. */
  readonly board: RefObject<HTMLElement | null>;
  readonly search: RefObject<HTMLInputElement | null>;
  /** Keys of one character can be switched off: speech and slips of the hand produce them. */
  readonly areOn: boolean;
  readonly onHelp: () => void;
  /** Where one column is drawn alone: another one is to be. */
  readonly onColumn: (name: string) => void;
};

const moves: Readonly<Record<string, Move>> = {
  j: "down",
  ArrowDown: "down",
  k: "up",
  ArrowUp: "up",
  h: "left",
  ArrowLeft: "left",
  l: "right",
  ArrowRight: "right",
  Home: "first",
  End: "last",
};

/** The board by keyboard. */
export function useKeys({ board, search, areOn, onHelp, onColumn }: KeysOptions): void {
  // Where the focus was, also when its card has moved to another column or the focus is elsewhere meanwhile.
  const last = useRef<string | null>(null);
  // What is not drawn takes no focus: a column that was chosen by a key gets it once it stands there.
  const whenDrawn = useRef<(() => void) | null>(null);
  useLayoutEffect(() => {
    whenDrawn.current?.();
    whenDrawn.current = null;
  });
  useEffect(() => {
    const root = board.current;
    if (root === null) return undefined;
    const remember = (event: FocusEvent): void => {
      last.current = keyAt(event.target) ?? last.current;
    };
    root.addEventListener("focusin", remember);
    const unlisten = onKey((event) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
      if (document.querySelector("dialog[open]") !== null) return;
      if (event.key === "Escape") leave(event.target);
      if (isTyping(event.target) || (event.key.length === 1 && !areOn)) return;
      const isInBoard = event.target instanceof Node && root.contains(event.target);
      if (event.key.length > 1 && !isInBoard) return;
      if (act(event.key, root)) event.preventDefault();
    });
    return () => {
      root.removeEventListener("focusin", remember);
      unlisten();
    };

    function act(key: string, place: HTMLElement): boolean {
      if (key === "?") return (onHelp(), true);
      if (key === "/") return (search.current?.focus(), search.current?.select(), true);
      if (key === "e") return extend(last.current);
      const columns = columnsIn(place);
      const heights = columns.map(({ cards }) => cards.length);
      const move = moves[key];
      const byNumber = /^[1-6]$/.test(key) ? { x: Number(key) - 1, y: 0 } : null;
      const to = move === undefined ? byNumber : stepFrom(heights, spotOf(columns, last.current), move);
      const column = to === null ? undefined : columns[to.x];
      if (to === null || column === undefined) return false;
      const card = column.cards[to.y];
      if (column.isDrawn) return card !== undefined && (focusCard(card), true);
      whenDrawn.current = () => (card === undefined ? focusTab() : focusCard(card));
      onColumn(column.name);
      return true;
    }
  }, [areOn, onHelp, onColumn]);
}

/** Of the column that is drawn alone, and has no card. */
function focusTab(): void {
  document.querySelector<HTMLElement>(".column-tabs [aria-current=page]")?.focus();
}

/** Opens the choices, which take the focus. */
function extend(key: string | null): boolean {
  const button = cardOf(key)?.querySelector<HTMLElement>(".stop-extend[aria-expanded=false]");
  button?.click();
  return button !== undefined && button !== null;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input:not([type=checkbox]), select, textarea") !== null;
}

/** Takes the focus out of a field. */
function leave(target: EventTarget | null): void {
  if (target instanceof HTMLElement && isTyping(target)) target.blur();
}
