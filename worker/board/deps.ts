import type { Clock, Log, Timer } from "../ports.ts";
import { systemClock, systemLog, systemTimer } from "../system.ts";

/** What the `Board` object takes from outside. It calls nobody. */
export type BoardDeps = {
  readonly clock: Clock;
  readonly timer: Timer;
  readonly log: Log;
};

export const systemBoardDeps: BoardDeps = { clock: systemClock, timer: systemTimer, log: systemLog };
