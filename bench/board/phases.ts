/** What is measured one after the other on one ground: the first look at it, a minute of work, a minute of rest. */

import type { CountedRelay } from "../pieces/counted-relay.ts";
import { type Row, atMost } from "../pieces/table.ts";
import { atWork, type BoardGround, executionIds } from "./ground.ts";
import { openBoard, type OpenBoardOptions, readSeen, scriptKib } from "./open-board.ts";
import { measureFirstRender } from "./render.ts";
import { compareSteps } from "./seen.ts";
import type { Step } from "./steady-work.ts";
import { measureTraffic } from "./traffic.ts";

export type Bench = {
  readonly ground: BoardGround;
  readonly relay: CountedRelay;
  /** What has left the model so far. */
  readonly steps: readonly Step[];
  readonly options: OpenBoardOptions;
};

export async function measureOpening({ ground, options }: Bench): Promise<readonly Row[]> {
  console.error(`bench: ${executionIds.length} executions, ${atWork} of them at work, the others in line …`);
  await forAll(ground.dispatch);
  await ground.until((cards) => cards.filter(({ progress }) => progress !== null).length === atWork);
  return measureFirstRender(options);
}

export async function measureWork({ ground, relay, steps, options }: Bench): Promise<readonly Row[]> {
  console.error("bench: a minute of work …");
  const page = await openBoard(options);
  const openedAt = Date.now();
  const script = atMost("script that the board loads, gzip", await scriptKib(page), 30, " KiB");
  const traffic = await measureTraffic({ ground, relay, page, when: "active" });
  const seen = compareSteps(steps, await readSeen(page), openedAt);
  await page.context().close();
  return [script, ...traffic, ...seen];
}

export async function measureRest({ ground, relay, options }: Bench): Promise<readonly Row[]> {
  console.error("bench: a minute of rest …");
  await forAll(ground.release);
  await ground.until((cards) => cards.every(({ endedAt }) => endedAt !== null));
  return measureTraffic({ ground, relay, page: await openBoard(options), when: "idle" });
}

/** A few at a time, the first ones first. */
async function forAll(act: (executionId: string) => Promise<void>): Promise<void> {
  const left = executionIds.values();
  const work = async (): Promise<void> => {
    for (const id of left) await act(id);
  };
  await Promise.all(Array.from({ length: 8 }, work));
}
