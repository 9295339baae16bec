/**
 * `npm run faults`: every fault in every phase, in real workerd, with the policy scaled. Without arguments it writes
 * docs/faults.md; `--only FAULT[,FAULT]` and `--phase PHASE[,PHASE]` narrow it down, `--check` compares with the page
 * and writes nothing, `--slower N` divides the scale's speed by N, `--at-once N` sets how many cells run at a time.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openWorld } from "../world.ts";
import type { Cell, CellReport } from "./cell.ts";
import { runCells } from "./lanes.ts";
import { recordLives } from "./live-containers.ts";
import { faultNames, phaseNames } from "./matrix.ts";
import { describeCell, differencesFrom, summarize, toPage } from "./report.ts";

/** The default policy runs so many times as fast. */
const SPEED = 30;

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    phase: { type: "string" },
    check: { type: "boolean", default: false },
    slower: { type: "string", default: "1" },
    "at-once": { type: "string", default: "4" },
    verbose: { type: "boolean", default: false },
  },
});
// It would say at the very end where it has put them.
process.env["WRANGLER_WRITE_LOGS"] = "false";
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const page = fileURLToPath(new URL("../../../docs/faults.md", import.meta.url));
const scale = Number(values.slower) / SPEED;

const isWhole = values.only === undefined && values.phase === undefined;
const cells: readonly Cell[] = choose(faultNames, values.only).flatMap((fault) =>
  choose(phaseNames, values.phase).map((phase) => ({ fault, phase })),
);

const startedAt = performance.now();
const reports: CellReport[] = [];
for (const [configPath, own] of worldsOf(cells)) reports.push(...(await runIn(configPath, own)));
const known = await readFile(page, "utf8").catch(() => "");
const different = values.check ? differencesFrom(known, reports) : [];
for (const line of different) print(line);
const seconds = Math.round((performance.now() - startedAt) / 1_000);
if (isWhole && !values.check) await writeFile(page, toPage(reports, { seconds, scale }));
const { line, violations } = summarize(reports, different.length);
process.exitCode = violations === 0 && reports.length === cells.length ? 0 : 1;
print(`took ${seconds} s`);
print(line);

/** A small disk is a matter of the image; every other cell has the harness as it is deployed. */
function worldsOf(all: readonly Cell[]): readonly (readonly [configPath: string, cells: readonly Cell[]])[] {
  const isSmall = ({ fault }: Cell): boolean => fault === "full-disk";
  const worlds = [
    ["test/e2e/faults/wrangler.toml", all.filter((cell) => !isSmall(cell))],
    ["test/e2e/faults/small-disk/wrangler.toml", all.filter((cell) => isSmall(cell))],
  ] as const;
  return worlds.filter(([, own]) => own.length > 0);
}

async function runIn(configPath: string, own: readonly Cell[]): Promise<readonly CellReport[]> {
  const world = await openWorld({ configPath, vars: { HOLT_MAX_LIVE_EXECUTIONS: "100" } });
  const interrupted = async (): Promise<void> => {
    await world.close();
    process.exit(130);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, interrupted);
  try {
    const around = { world, scale, lives: recordLives(world.standIns.engine) };
    return await runCells(own, around, {
      atOnce: Number(values["at-once"]),
      tell: (report) => print(describeCell(report)),
    });
  } finally {
    if (values.verbose) for (const each of world.lines) print(each);
    for (const signal of signals) process.off(signal, interrupted);
    await world.close();
  }
}

function choose<T extends string>(all: readonly T[], wanted: string | undefined): readonly T[] {
  if (wanted === undefined) return all;
  const names = wanted.split(",");
  const unknown = names.filter((name) => !all.some((each) => each === name));
  if (unknown.length > 0) throw new Error(`${unknown.join()} is none of ${all.join()}`);
  return all.filter((each) => names.includes(each));
}
