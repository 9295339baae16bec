/** Runs rows against one harness: most beside each other, those that may be its end one after the other. */

import { Mismatch, NotOffered, show } from "./demand.ts";
import type { Row, Verdict } from "./row.ts";
import type { Kit } from "./world/kit.ts";

export type Judged = { readonly row: Row; readonly verdict: Verdict; readonly tookMs: number };

/** Rows that only wait, beside those at work. */
const waitingBeside = 2;

/** Longer than any limit that a row waits for itself. */
const rowMs = 90_000;

export type RunOptions = {
  /** Rows at work at one time. */
  readonly atOnce: number;
  /** Hears of each row as it ends. */
  readonly onJudged: (judged: Judged) => void;
};

/** In the order of `rows`, whatever ended first. */
export async function runRows(
  rows: readonly Row[],
  kit: Kit,
  { atOnce, onJudged }: RunOptions,
): Promise<readonly Judged[]> {
  const judged = new Map<Row, Judged>();
  const judge = async (row: Row): Promise<void> => {
    const startedAt = performance.now();
    const verdict = await verdictOn(row, kit);
    const one = { row, verdict, tookMs: Math.round(performance.now() - startedAt) };
    judged.set(row, one);
    onJudged(one);
  };
  const peaceful = rows.filter(({ isHostile }) => isHostile !== true);
  const judgeAll = async (queue: Row[], limit: number): Promise<void> => {
    const work = async (): Promise<void> => {
      for (let row = queue.shift(); row !== undefined; row = queue.shift()) await judge(row);
    };
    await Promise.all(Array.from({ length: limit }, work));
  };
  await Promise.all([
    judgeAll(
      peaceful.filter(({ waits }) => waits === true),
      atOnce + waitingBeside,
    ),
    judgeAll(
      peaceful.filter(({ waits }) => waits !== true),
      atOnce,
    ),
  ]);
  for (const row of rows) if (row.isHostile === true) await judge(row);
  return rows.flatMap((row) => judged.get(row) ?? []);
}

async function verdictOn(row: Row, kit: Kit): Promise<Verdict> {
  const late = Promise.withResolvers<never>();
  const seconds = rowMs / 1_000;
  const timer = setTimeout(() => late.reject(new Mismatch(`an end within ${seconds} s`, "none")), rowMs);
  try {
    await Promise.race([row.check(kit), late.promise]);
    return { kind: "pass" };
  } catch (error) {
    if (error instanceof NotOffered) return { kind: "skipped", reason: error.message };
    if (error instanceof Mismatch) return { kind: "fail", expected: error.expected, seen: error.seen };
    return { kind: "fail", expected: "an answer", seen: show(error) };
  } finally {
    clearTimeout(timer);
  }
}
