/** `npm run bench:board`: what a board of a hundred executions costs, at work and at rest, and how soon it shows what is. */

import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { chromiumFlags, findChromium } from "../local/chromium.ts";
import { wantedOrExit } from "../scripts/usage.ts";
import { openBoardGround, titleOf } from "./board/ground.ts";
import { type Bench, measureOpening, measureRest, measureWork } from "./board/phases.ts";
import { type Step, workSteadily } from "./board/steady-work.ts";
import { openCountedRelay } from "./pieces/counted-relay.ts";
import { type Row, toTable } from "./pieces/table.ts";

const usage = `usage: npm run bench:board

Measures a board of a hundred real executions in a Chromium, for some minutes, and prints a table.

  --help  print this`;

wantedOrExit(usage, (args) => parseArgs({ args: [...args], options: {} }));
const steps: Step[] = [];
const ground = await openBoardGround(workSteadily((step) => steps.push(step)));
const relay = await openCountedRelay(ground.url);
const executablePath = findChromium(process.env);
const browser = await chromium.launch({ executablePath, args: [...chromiumFlags] });
const options = { browser, url: relay.url, token: ground.token, title: titleOf("bench_") };
const bench: Bench = { ground, relay, steps, options };
const rows: Row[] = [];
try {
  for (const measure of [measureOpening, measureWork, measureRest]) rows.push(...(await measure(bench)));
} finally {
  await browser.close();
  await relay.close();
  await ground.close();
}
console.log(toTable(rows));
