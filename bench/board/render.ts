/** From asking for the page to the first card on the screen, with the processor as it is and four times slower. */

import { type Row, median, told } from "../pieces/table.ts";
import { type OpenBoardOptions, openBoard, readSeen } from "./open-board.ts";

const ROUNDS = 5;

export async function measureFirstRender(options: OpenBoardOptions): Promise<readonly Row[]> {
  const [asIs, slowed] = [await firstCardMs(options, 1), await firstCardMs(options, 4)];
  return [
    told("first card on the screen", asIs, " ms"),
    told("the same with a processor 4 × slower", slowed, " ms"),
    told("that is", slowed / asIs, " ×"),
  ];
}

/** Each time in a fresh context: nothing is in a cache. */
async function firstCardMs(options: OpenBoardOptions, cpuSlowdown: number): Promise<number> {
  const taken: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const page = await openBoard({ ...options, cpuSlowdown });
    taken.push((await readSeen(page)).firstCardMs ?? Number.NaN);
    await page.context().close();
  }
  return median(taken);
}
