/** Cards of a board as a table. */
import type { Card } from "../../shared/board.ts";
import { toPlainLine } from "../../shared/plain-text.ts";
import type { Paint, Style } from "../paint.ts";
import { toAge, toDuration } from "../time.ts";
import { nameOf } from "../target.ts";
import { textWidth } from "./width.ts";

type Cell = readonly [text: string, style?: Style];

const CELL_CHARS = 40;

/** @param now the board's clock */
export function cardTable(cards: readonly Card[], now: number, paint: Paint): readonly string[] {
  const head: readonly Cell[] = ["job", "status", "done", "heard", "what stops it", "title"].map((text) => [
    text,
    "dim",
  ]);
  const rows = [head, ...cards.map((card) => cellsOf(card, now))];
  const widths = head.map((_cell, column) =>
    Math.max(...rows.map((row) => textWidth(row[column]?.[0] ?? ""))),
  );
  return rows.map((row) =>
    row
      .map(([text, style], column) => {
        const padding = column === row.length - 1 ? "" : " ".repeat((widths[column] ?? 0) - textWidth(text));
        return `${style === undefined ? text : paint(style, text)}${padding}`;
      })
      .join("  ")
      .trimEnd(),
  );
}

/** What asks for a person first, then what lives, then what ended last. */
export function inOrder(cards: readonly Card[]): readonly Card[] {
  const rank = (card: Card): number => (card.attention !== null ? 0 : card.endedAt === null ? 1 : 2);
  return cards.toSorted(
    (a, b) => rank(a) - rank(b) || (b.endedAt ?? b.startedAt) - (a.endedAt ?? a.startedAt),
  );
}

function cellsOf(card: Card, now: number): readonly Cell[] {
  const { jobId, status, outcome, progress } = card;
  const why = outcome === null || outcome.code === status ? "" : ` (${outcome.code})`;
  return [
    [toPlainLine(nameOf(card)), "bold"],
    [`${status}${card.endedAt === null ? ` · ${short(card.phase)}` : why}`, styleOf(card)],
    [progress === null ? "" : `${progress.completed}/${progress.total}`],
    heardCell(card, now),
    stopCell(card, now),
    [short(card.title === jobId ? "" : card.title)],
  ];
}

/** Stale data must not look fresh. */
function heardCell({ signals, endedAt, staleAt }: Card, now: number): Cell {
  if (endedAt !== null) return [`ended ${toAge(now - endedAt)}`];
  if (staleAt !== null && staleAt < now) return [`stale for ${toDuration(now - staleAt)}`, "red"];
  return [signals.process === null ? "not yet" : toAge(now - signals.process)];
}

function stopCell({ attention, deadline, endedAt, queue }: Card, now: number): Cell {
  if (endedAt === null && attention !== null) return [short(attention.why), "yellow"];
  if (queue !== null) return [`number ${queue.position} in the line`];
  if (deadline === null) return [""];
  return [`${deadline.name} in ${toDuration(Math.max(0, deadline.at - now))}`];
}

function styleOf({ status, outcome }: Card): Style {
  if (status === "done") return outcome?.code === "result-error" ? "red" : "green";
  if (status === "failed" || status === "evicted") return "red";
  return status === "running" || status === "starting" || status === "queued" ? "cyan" : "yellow";
}

function short(text: string): string {
  return toPlainLine(text, CELL_CHARS);
}
