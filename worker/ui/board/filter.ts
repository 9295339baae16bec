/** Which cards are shown. Pure. */

import type { Card } from "../../../shared/board.ts";
import type { Filter } from "../route.ts";

export function isFiltering({ text, statuses, labels }: Filter): boolean {
  return text.trim() !== "" || statuses.length > 0 || labels.length > 0;
}

/** Every word, every label and one of the statuses. */
export function matches(card: Card, { text, statuses, labels }: Filter): boolean {
  if (statuses.length > 0 && !statuses.includes(card.status)) return false;
  if (!labels.every((label) => hasLabel(card, label))) return false;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const found = textOf(card);
  return words.every((word) => found.includes(word));
}

/** As a filter has it: `name:value`, or the name alone, which is any value. */
export function labelOf(name: string, value: string): string {
  return value === "" ? name : `${name}:${value}`;
}

/** What a card is labelled with; its title stands on it anyway. */
export function labelsOf({ labels }: Card): ReadonlyArray<readonly [name: string, value: string]> {
  return Object.entries(labels).filter(([name]) => name !== "title");
}

function hasLabel({ labels }: Card, label: string): boolean {
  // A name may hold a colon itself, so every split of it is tried.
  return Object.entries(labels).some(([name, value]) => name === label || `${name}:${value}` === label);
}

function textOf({ title, executionId, jobId, about, phase, attention, outcome, labels }: Card): string {
  const { repository = "", branch = "", agent = "", model = "" } = about ?? {};
  const told = [phase, attention?.why ?? "", outcome?.code ?? "", ...Object.values(labels)];
  return [title, executionId, jobId, repository, branch, agent, model, ...told].join("\n").toLowerCase();
}
