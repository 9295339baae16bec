/**
 * `npm run simulate -- --runs N --seed S [--json]`: plays N histories against the pure core and prints how often
 * everything occurred that can.
 */
import { parseArgs } from "node:util";
import * as z from "zod";
import { toCount, wantedOrExit } from "../../scripts/usage.ts";
import { printReport, printViolation } from "./report.ts";
import { replay, simulate } from "./run.ts";

const usage = `usage: npm run simulate -- [--runs N] [--seed S] [--replay HISTORY] [--json]

Plays histories against the pure core and holds every step against what is promised.

  --runs N          how many; default 20000. Fewer than some 4,000 may not meet all that can occur, which fails the run
  --seed S          which ones; the same seed plays the same histories
  --replay HISTORY  plays the one that a broken promise was printed with, '{"opening":…,"moves":[…]}', again
  --json            print one JSON object in place of the report
  --help            print this

Exit codes: 0 every promise held, 1 one was broken or something never occurred, 2 the command line is wrong.`;

const History = z.object({ opening: z.int(), moves: z.array(z.int()) });
const wanted = wantedOrExit(usage, (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: "string", default: "20000" },
      seed: { type: "string", default: "20990101" },
      replay: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  return {
    isJson: values.json,
    runs: toCount("--runs", values.runs),
    seed: toCount("--seed", values.seed),
    history: values.replay === undefined ? null : toHistory(values.replay),
  };
});
const simulated = wanted.history === null ? simulate(wanted) : replay(wanted.history);

if (wanted.isJson) console.log(JSON.stringify(simulated));
else printReport(simulated);
if (simulated.violation !== null && !wanted.isJson) printViolation(simulated.violation);
const isMissing = wanted.history === null && simulated.violation === null && simulated.never.length > 0;
for (const name of isMissing ? simulated.never : []) console.log(`never occurred: ${name}`);
const violations = simulated.violation === null ? 0 : 1;
console.log(`runs ${simulated.runs}, steps ${simulated.steps}, violations ${violations}`);
process.exitCode = violations > 0 || isMissing ? 1 : 0;

function toHistory(text: string): z.infer<typeof History> {
  try {
    return History.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`--replay takes '{"opening":…,"moves":[…]}' with whole numbers, not "${text}"`, {
      cause,
    });
  }
}
