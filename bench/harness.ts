/** `npm run bench:harness`: what the harness needs, measured on this machine. `-- memory stalls` runs only those. */

import { measureMemory } from "./harness/memory.ts";
import { measurePolls } from "./harness/polls.ts";
import { measureStalls } from "./harness/stalls.ts";
import { measureStartUp } from "./harness/start-up.ts";
import { measureStopping } from "./harness/stopping.ts";
import { type Row, toTable } from "./pieces/table.ts";

const benches: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  "start-up": measureStartUp,
  polls: measurePolls,
  stalls: measureStalls,
  memory: measureMemory,
  stopping: measureStopping,
};

if (process.platform !== "linux") {
  console.error("bench: memory and processes are read from /proc, which only Linux has");
  process.exit(1);
}
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => benches[name] === undefined);
if (unknown.length > 0) {
  console.error(`bench: there is ${Object.keys(benches).join(", ")}, and no ${unknown.join(", ")}`);
  process.exit(1);
}

const rows: Row[] = [];
for (const [name, measure] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.error(`bench: ${name} …`);
  rows.push(...(await measure()));
}
console.log(toTable(rows));
const missed = rows.filter(({ isMet }) => isMet === false).length;
console.log(missed === 0 ? "every goal is met" : `${missed} of ${rows.length} goals are missed`);
