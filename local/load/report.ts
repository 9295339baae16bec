/** What the terminal says of a load: a line for each job that has come to its fate, and a table at the end. Pure. */
import type { Paint, Style } from "../system.ts";
import { beyondReach } from "./fates.ts";
import type { Standing } from "./start-load.ts";

const TITLE_CHARS = 46;
/** The longest that is as it should be. */
const GOT_CHARS = 35;

/** A job that has come to its fate, or to another. */
export function settledLine({ job, verdict }: Standing, afterMs: number, paint: Paint): string {
  const seconds = paint("dim", `${(afterMs / 1000).toFixed(1).padStart(6)} s`);
  const isSurprise = verdict.kind === "surprise";
  const got = paint(isSurprise ? "red" : styleOf(job.fate.comesTo), verdict.got.padEnd(GOT_CHARS));
  const title = cut(job.title, TITLE_CHARS).padEnd(TITLE_CHARS);
  const why = isSurprise ? paint("red", `should be: ${verdict.expected}`) : paint("dim", job.fate.name);
  return `${seconds}  ${got}  ${job.ticket.padEnd(9)} ${title}  ${why}`;
}

/** How far it is, on one line. */
export function tallyLine(standing: readonly Standing[]): string {
  const cards = standing.map(({ sighting }) => sighting.card);
  const ended = cards.filter((card) => card !== null && card.endedAt !== null).length;
  const queued = cards.filter((card) => card === null || card.status === "queued").length;
  const live = standing.length - ended - queued;
  const attention = cards.filter((card) => card !== null && card.attention !== null).length;
  const surprises = standing.filter(({ verdict }) => verdict.kind === "surprise").length;
  const parts = [
    `${ended} of ${standing.length} ended`,
    `${live} live`,
    `${queued} queued`,
    `${attention} ask for somebody`,
    ...(surprises === 0 ? [] : [`${surprises} surprises`]),
  ];
  return parts.join(" · ");
}

/** Fate → expected → got, with how many. */
export function fateTable(standing: readonly Standing[], paint: Paint): readonly string[] {
  const rows = new Map<
    string,
    { fate: string; expected: string; got: string; count: number; kind: string }
  >();
  for (const { job, verdict } of standing) {
    const { kind, expected, got } = verdict;
    const key = JSON.stringify([job.fate.name, got, kind]);
    const row = rows.get(key) ?? { fate: job.fate.name, expected, got, count: 0, kind };
    rows.set(key, { ...row, count: row.count + 1 });
  }
  const all = [...rows.values()];
  const width = (name: "fate" | "expected", title: string): number =>
    Math.max(title.length, ...all.map((row) => row[name].length));
  const [first, second] = [width("fate", "fate"), width("expected", "expected")];
  const head = `  jobs  ${"fate".padEnd(first)}  ${"expected".padEnd(second)}  got`;
  const lines = all.map(({ fate, expected, got, count, kind }) => {
    const text = `${String(count).padStart(4)}  ${fate.padEnd(first)}  ${expected.padEnd(second)}  ${got}`;
    return `${marks[kind] ?? " "} ${kind === "surprise" ? paint("red", text) : text}`;
  });
  return [paint("bold", head), ...lines];
}

/** What no load shows, so that nobody looks for it. */
export function beyondLines(paint: Paint): readonly string[] {
  return Object.entries(beyondReach).map(([code, why]) => paint("dim", `  not shown: ${code} (${why})`));
}

export function surpriseCount(standing: readonly Standing[]): number {
  return standing.filter(({ verdict }) => verdict.kind !== "so").length;
}

const marks: Readonly<Record<string, string>> = { so: "✓", surprise: "✗", pending: "…" };

function styleOf(comesTo: Standing["job"]["fate"]["comesTo"]): Style {
  if (comesTo.kind === "stays") return "cyan";
  return comesTo.code === "done" ? "green" : "yellow";
}

function cut(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars - 1)}…`;
}
