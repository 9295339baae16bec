/** `npm run bench:board`: what a board of a hundred executions costs, at work and at rest, and how soon it shows what is. */

import { chromium } from "playwright-core";
import { chromiumFlags, findChromium } from "../local/chromium.ts";
import { atWork, executionIds, openBoardGround, titleOf } from "./board/ground.ts";
import { openBoard, readSeen, scriptKib } from "./board/open-board.ts";
import { measureFirstRender } from "./board/render.ts";
import { compareSteps } from "./board/seen.ts";
import { type Step, workSteadily } from "./board/steady-work.ts";
import { measureTraffic } from "./board/traffic.ts";
import { openCountedRelay } from "./pieces/counted-relay.ts";
import { type Row, atMost, toTable } from "./pieces/table.ts";

const steps: Step[] = [];
const ground = await openBoardGround(workSteadily((step) => steps.push(step)));
const relay = await openCountedRelay(ground.url);
const browser = await chromium.launch({
  executablePath: findChromium(process.env),
  args: [...chromiumFlags],
});
const options = { browser, url: relay.url, token: ground.token, title: titleOf("bench_") };
const rows: Row[] = [];
try {
  console.error(`bench: ${executionIds.length} executions, ${atWork} of them at work, the others in line …`);
  await forAll(ground.dispatch);
  await ground.until((cards) => cards.filter(({ progress }) => progress !== null).length === atWork);
  rows.push(...(await measureFirstRender(options)));
  console.error("bench: a minute of work …");
  const page = await openBoard(options);
  const openedAt = Date.now();
  rows.push(atMost("script that the board loads, gzip", await scriptKib(page), 30, " KiB"));
  rows.push(...(await measureTraffic({ ground, relay, page, when: "active" })));
  rows.push(...compareSteps(steps, await readSeen(page), openedAt));
  await page.context().close();
  console.error("bench: a minute of rest …");
  await forAll(ground.release);
  await ground.until((cards) => cards.every(({ endedAt }) => endedAt !== null));
  rows.push(...(await measureTraffic({ ground, relay, page: await openBoard(options), when: "idle" })));
} finally {
  await browser.close();
  await relay.close();
  await ground.close();
}
console.log(toTable(rows));

/** A few at a time, the first ones first. */
async function forAll(act: (executionId: string) => Promise<void>): Promise<void> {
  const left = executionIds.values();
  const work = async (): Promise<void> => {
    for (const id of left) await act(id);
  };
  await Promise.all(Array.from({ length: 8 }, work));
}
