import type { PhaseName } from "../matrix.ts";
import type { Position } from "../position.ts";
import type { Stage } from "../stage.ts";
import { reachAgent } from "./agent.ts";
import { reachClone } from "./clone.ts";
import { reachIdle } from "./idle.ts";
import { reachPush } from "./push.ts";
import { reachQueued } from "./queued.ts";
import { reachStarting } from "./starting.ts";
import { reachStopping } from "./stopping.ts";

/** Each holds an execution in a phase, by what stands still until it is let go, and by no clock. */
export const phases: Readonly<Record<PhaseName, (stage: Stage) => Promise<Position>>> = {
  queued: reachQueued,
  starting: reachStarting,
  clone: reachClone,
  agent: reachAgent,
  push: reachPush,
  stopping: reachStopping,
  idle: reachIdle,
};
