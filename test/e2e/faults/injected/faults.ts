import type { Fault, WorldFault } from "../injection.ts";
import type { FaultName } from "../matrix.ts";
import { blockBeats } from "./beats-blocked.ts";
import { dispatchAgain } from "./duplicate-dispatch.ts";
import { expireToken } from "./expired-token.ts";
import { fillDisk } from "./full-disk.ts";
import { breakGit } from "./git-errors.ts";
import { stopForwarding } from "./half-open.ts";
import { killHarness } from "./harness-killed.ts";
import { hangEventLoop } from "./hung-event-loop.ts";
import { freezeWorkerd } from "./late-alarm.ts";
import { exhaustMemory } from "./memory-exhausted.ts";
import { breakModel } from "./model-errors.ts";
import { loseMonitor } from "./monitor-lost.ts";
import { evictObject } from "./object-evicted.ts";
import { stopByPlatform } from "./platform-stop.ts";
import { killWorkerd } from "./workerd-killed.ts";

export type AnyFault =
  | { readonly of: "execution"; readonly inject: Fault }
  | { readonly of: "world"; readonly inject: WorldFault };

const one = (inject: Fault): AnyFault => ({ of: "execution", inject });
const all = (inject: WorldFault): AnyFault => ({ of: "world", inject });

export const faults: Readonly<Record<FaultName, AnyFault>> = {
  "object-evicted": one(evictObject),
  "workerd-killed": all(killWorkerd),
  "harness-killed": one(killHarness),
  "platform-stop": one(stopByPlatform),
  "memory-exhausted": one(exhaustMemory),
  "hung-event-loop": one(hangEventLoop),
  "half-open": one(stopForwarding),
  "beats-blocked": one(blockBeats),
  "monitor-lost": one(loseMonitor),
  "duplicate-dispatch": one(dispatchAgain),
  "late-alarm": all(freezeWorkerd),
  "model-errors": one(breakModel),
  "git-errors": one(breakGit),
  "expired-token": one(expireToken),
  "full-disk": one(fillDisk),
};
