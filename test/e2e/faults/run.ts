/** `npm run faults`: every fault in every phase, in real workerd, with the policy scaled. Without arguments it writes docs/faults.md. */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { choose, toCount, wantedOrExit } from "../../../scripts/usage.ts";
import { openWorld } from "../world.ts";
import type { Cell, CellReport } from "./cell.ts";
import { runCells } from "./lanes.ts";
import { recordLives } from "./live-containers.ts";
import { faultNames, phaseNames } from "./matrix.ts";
import { describeCell, differencesFrom, summarize, toPage } from "./report.ts";

/** The default policy runs so many times as fast. */
const SPEED = 30;

const usage = `usage: npm run faults -- [--only FAULT[,FAULT]] [--phase PHASE[,PHASE]] [--check] [--slower N] [--at-once N] [--verbose]

Injects every fault in every phase, all parts real, and writes docs/faults.md.

  --only FAULT   those faults
  --phase PHASE  those phases
  --check        compare with the page and write nothing
  --slower N     give everything N times as long, on a slow machine; default 1
  --at-once N    cells at work at one time; default 4
  --verbose      show what the Worker and the containers print
  --help         print this

Faults: ${faultNames.join(", ")}.
Phases: ${phaseNames.join(", ")}.

Exit codes: 0 every cell came to its end, 1 one did not or differs from the page, 2 the command line is wrong.`;

const wanted = wantedOrExit(usage, (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      phase: { type: "string" },
      check: { type: "boolean", default: false },
      slower: { type: "string", default: "1" },
      "at-once": { type: "string", default: "4" },
      verbose: { type: "boolean", default: false },
    },
  });
  return {
    ...values,
    faults: choose(faultNames, values.only?.split(",") ?? []),
    phases: choose(phaseNames, values.phase?.split(",") ?? []),
    slower: toFactor("--slower", values.slower),
    atOnce: toCount("--at-once", values["at-once"]),
  };
});
// It would say at the very end where it has put them.
process.env["WRANGLER_WRITE_LOGS"] = "false";
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const page = fileURLToPath(new URL("../../../docs/faults.md", import.meta.url));
const scale = wanted.slower / SPEED;

const isWhole = wanted.only === undefined && wanted.phase === undefined;
const cells: readonly Cell[] = wanted.faults.flatMap((fault) =>
  wanted.phases.map((phase) => ({ fault, phase })),
);

const startedAt = performance.now();
const reports: CellReport[] = [];
for (const [configPath, own] of worldsOf(cells)) reports.push(...(await runIn(configPath, own)));
const known = await readFile(page, "utf8").catch(() => "");
const different = wanted.check ? differencesFrom(known, reports) : [];
for (const line of different) print(line);
const seconds = Math.round((performance.now() - startedAt) / 1_000);
if (isWhole && !wanted.check) await writeFile(page, toPage(reports, { seconds, scale }));
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
      atOnce: wanted.atOnce,
      tell: (report) => print(describeCell(report)),
    });
  } finally {
    if (wanted.verbose) for (const each of world.lines) print(each);
    for (const signal of signals) process.off(signal, interrupted);
    await world.close();
  }
}

function toFactor(option: string, text: string): number {
  if (/^\d+(?:\.\d+)?$/.test(text) && Number(text) > 0) return Number(text);
  throw new Error(`${option} takes a number above 0, not "${text}"`);
}
