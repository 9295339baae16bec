import type { Card } from "../../shared/board.ts";
import { makeCardAt } from "../board-card.ts";

export const T0 = Date.UTC(2099, 0, 1);

const about = {
  repository: "acme/shop",
  branch: "holt/flaky",
  agent: "pi",
  model: "gpt-5.5",
  mode: "coding",
} as const;

export function makeCard(over: Partial<Card> = {}): Card {
  return makeCardAt(T0, { about, ...over });
}

export function makeOutcome(code: NonNullable<Card["outcome"]>["code"]): NonNullable<Card["outcome"]> {
  return { code, retryable: true, blame: "agent", next: "Read the error." };
}
