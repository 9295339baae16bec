/** The only file of the harness that reads the clock, draws randomness and writes to the terminal. */

import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Clock, Random } from "./ports.ts";

export const systemClock: Clock = {
  // Monotonic: a clock that is set while a job runs must neither stop its beats nor end it.
  now: () => Math.round(performance.timeOrigin + performance.now()),
  sleep: async (ms, signal) => {
    try {
      await delay(Math.min(ms, MAX_TIMER_MS), undefined, signal && { signal });
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error;
    }
  },
};

export const systemRandom: Random = {
  id: () => randomBytes(16).toString("hex"),
  fraction: () => Math.random(),
};

/** One line to standard output. */
export function printLine(line: string): void {
  console.log(line);
}

/** One line to standard error. */
export function printError(line: string): void {
  console.error(line);
}

/** Node's timers hold a signed 32-bit number of milliseconds and fire at once beyond it. */
const MAX_TIMER_MS = 2 ** 31 - 1;
