/** Columns and cards as they stand on the screen, which is the truth for the keyboard. */
import type { Spot } from "./steps.ts";

export type ColumnOnScreen = {
  readonly name: string;
  /** On a narrow screen one of them is. */
  readonly isDrawn: boolean;
  readonly cards: readonly HTMLElement[];
};

export function columnsIn(root: HTMLElement): readonly ColumnOnScreen[] {
  return [...root.querySelectorAll<HTMLElement>("[data-column]")].map((column) => ({
    name: column.dataset["column"] ?? "",
    isDrawn: column.offsetParent !== null,
    cards: [...column.querySelectorAll<HTMLElement>("[data-key]")],
  }));
}

/** Where the card of that key is drawn; without it the column that is drawn alone. */
export function spotOf(columns: readonly ColumnOnScreen[], key: string | null): Spot | null {
  const drawn = [...columns.entries()].filter(([, { isDrawn }]) => isDrawn);
  const spots = drawn.map(([x, { cards }]) => ({ x, y: cards.findIndex((card) => keyAt(card) === key) }));
  return spots.find(({ y }) => y !== -1) ?? (spots.length === 1 ? (spots[0] ?? null) : null);
}

/** Of the card that something stands in. */
export function keyAt(target: EventTarget | null): string | null {
  const card = target instanceof Element ? target.closest<HTMLElement>("[data-key]") : null;
  return card?.dataset["key"] ?? null;
}

export function cardOf(key: string | null): HTMLElement | null {
  const cards = document.querySelectorAll<HTMLElement>("[data-key]");
  return [...cards].find(({ dataset }) => dataset["key"] === key) ?? null;
}

/** Where the focus is when a card has it. */
export function titleOf(card: HTMLElement | null): HTMLElement | null {
  return card?.querySelector<HTMLElement>("h3 a") ?? null;
}

export function focusCard(card: HTMLElement): void {
  titleOf(card)?.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
}
