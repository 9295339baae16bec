import { type RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { onKey } from "../system.ts";
import { type Move, stepFrom } from "./steps.ts";

type KeysOptions = {
  /** Round what the keys work on. */
  readonly board: RefObject<HTMLElement | null>;
  readonly search: RefObject<HTMLInputElement | null>;
  /** Keys of one character can be switched off: speech and slips of the hand produce them. */
  readonly areOn: boolean;
  readonly onHelp: () => void;
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

/** The board by keyboard. What stands on the screen is the truth: cards are found there by their keys. */
export function useKeys({ board, search, areOn, onHelp }: KeysOptions): void {
  // Where the focus was, also when its card has moved to another column or the focus is elsewhere meanwhile.
  const last = useRef<string | null>(null);
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
      if (key === "e") return extend(place, last.current);
      if (/^[1-6]$/.test(key)) return focusCard(place, gridOf(place, Number(key) - 1)[0]?.[0] ?? null);
      const move = moves[key];
      return move !== undefined && focusCard(place, stepFrom(gridOf(place), last.current, move));
    }
  }, [areOn, onHelp]);
}

/** The keys of the cards that can be seen, column by column. */
function gridOf(root: HTMLElement, only?: number): ReadonlyArray<readonly string[]> {
  const columns = [...root.querySelectorAll<HTMLElement>("[data-column]")];
  return columns
    .filter((column, index) => (only === undefined || only === index) && column.offsetParent !== null)
    .map((column) =>
      [...column.querySelectorAll<HTMLElement>("[data-key]")].map(({ dataset }) => dataset["key"] ?? ""),
    );
}

function cardOf(root: HTMLElement, key: string | null): HTMLElement | null {
  return (
    [...root.querySelectorAll<HTMLElement>("[data-key]")].find(({ dataset }) => dataset["key"] === key) ??
    null
  );
}

/** Where the focus is when a card has it. */
export function titleOf(root: HTMLElement, key: string): HTMLElement | null {
  return cardOf(root, key)?.querySelector<HTMLElement>("h3 a") ?? null;
}

function focusCard(root: HTMLElement, key: string | null): boolean {
  if (key === null) return false;
  titleOf(root, key)?.focus({ preventScroll: true });
  cardOf(root, key)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  return true;
}

/** Opens the choices, which take the focus. */
function extend(root: HTMLElement, key: string | null): boolean {
  const button = cardOf(root, key)?.querySelector<HTMLElement>(".stop-extend[aria-expanded=false]");
  button?.click();
  return button !== undefined && button !== null;
}

function keyAt(target: EventTarget | null): string | null {
  const card = target instanceof Element ? target.closest<HTMLElement>("[data-key]") : null;
  return card?.dataset["key"] ?? null;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input:not([type=checkbox]), select, textarea") !== null;
}

/** Takes the focus out of a field. */
function leave(target: EventTarget | null): void {
  if (target instanceof HTMLElement && isTyping(target)) target.blur();
}
