/**
 * `npm run simulate -- --runs N --seed S [--json]`: plays N histories against the pure core and prints how often
 * everything occurred that can. Exits with 1 where a promise is broken, or where something never occurred.
 * `--replay '{"opening":…,"moves":[…]}'` plays one history again.
 */
import { parseArgs } from "node:util";
import * as z from "zod";
import { printReport, printViolation } from "./report.ts";
import { replay, simulate } from "./run.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "20000" },
    seed: { type: "string", default: "20990101" },
    replay: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const count = z.coerce.number().int().min(1);
const History = z.object({ opening: z.int(), moves: z.array(z.int()) });
const simulated =
  values.replay === undefined
    ? simulate({ runs: count.parse(values.runs), seed: count.parse(values.seed) })
    : replay(History.parse(JSON.parse(values.replay)));

if (values.json) console.log(JSON.stringify(simulated));
else printReport(simulated);
if (simulated.violation !== null && !values.json) printViolation(simulated.violation);
const isMissing = values.replay === undefined && simulated.violation === null && simulated.never.length > 0;
for (const name of isMissing ? simulated.never : []) console.log(`never occurred: ${name}`);
const violations = simulated.violation === null ? 0 : 1;
console.log(`runs ${simulated.runs}, steps ${simulated.steps}, violations ${violations}`);
process.exitCode = violations > 0 || isMissing ? 1 : 0;
