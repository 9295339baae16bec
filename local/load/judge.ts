/** Whether a job came to what its fate says. Pure. */
import type { Card } from "../../shared/board.ts";
import type { Fate } from "./fate.ts";

/** What was seen of a job so far. */
export type Sighting = {
  /** The newest card; null before the first. */
  readonly card: Card | null;
  /** Of a fate that stays: whether a card was as it says. */
  readonly wasSo: boolean;
  /** What went wrong with bringing it about. */
  readonly trouble: string | null;
};

export type Verdict = {
  /** `so`: it came to what it was to come to, for now or for good. */
  readonly kind: "pending" | "so" | "surprise";
  readonly expected: string;
  readonly got: string;
};

export const unseen: Sighting = { card: null, wasSo: false, trouble: null };

export function see({ comesTo }: Fate, before: Sighting, card: Card): Sighting {
  return { ...before, card, wasSo: before.wasSo || (comesTo.kind === "stays" && comesTo.isSo(card)) };
}

export function judge(fate: Fate, { card, wasSo, trouble }: Sighting): Verdict {
  const { comesTo } = fate;
  const isOver = card !== null && card.endedAt !== null;
  const expected = expectedText(fate);
  const now = card === null ? "not seen" : describe(card);
  if (trouble !== null) return { kind: "surprise", expected, got: `${now}; ${trouble}` };
  if (comesTo.kind === "stays") {
    const got = wasSo && isOver ? `${comesTo.as}, then ${now}` : now;
    if (wasSo) return { kind: "so", expected, got: isOver ? got : comesTo.as };
    return { kind: isOver ? "surprise" : "pending", expected, got };
  }
  if (card === null || !isOver) return { kind: "pending", expected, got: now };
  const isSo =
    card.outcome?.code === comesTo.code &&
    card.recoveries === (comesTo.recoveries ?? 0) &&
    (comesTo.asks !== true || card.attention !== null);
  return { kind: isSo ? "so" : "surprise", expected, got: now };
}

export function expectedText({ comesTo }: Fate): string {
  if (comesTo.kind === "stays") return comesTo.as;
  const { code, recoveries = 0, asks } = comesTo;
  return `${code}${recoveredText(recoveries)}${asks === true ? ", with a question" : ""}`;
}

function describe({ status, phase, outcome, recoveries, attention, endedAt }: Card): string {
  const healed = recoveredText(recoveries);
  if (endedAt === null) return `${status}${phase === status ? "" : ` (${phase})`}${healed}`;
  const asks = /question/.test(attention?.why ?? "") ? ", with a question" : "";
  return `${outcome?.code ?? status}${healed}${asks}`;
}

function recoveredText(recoveries: number): string {
  return recoveries === 0 ? "" : `, recovered ${recoveries === 1 ? "once" : `${recoveries} times`}`;
}
