/** Every row, in the order of the table; hostile ones come last, for they may be the harness's end. */

import type { Row } from "./row.ts";
import { attachingRows } from "./rows/attaching.ts";
import { beatRows } from "./rows/beats.ts";
import { bodyRows } from "./rows/bodies.ts";
import { cancellingRows } from "./rows/cancelling.ts";
import { codingRows } from "./rows/coding.ts";
import { exploreRows } from "./rows/exploring.ts";
import { failureRows } from "./rows/failures.ts";
import { hostileRows } from "./rows/hostile.ts";
import { mergingRows } from "./rows/merging.ts";
import { processRows } from "./rows/processes.ts";
import { protocolRows } from "./rows/protocol.ts";
import { secretRows } from "./rows/secrets.ts";
import { subscriptionRows } from "./rows/subscriptions.ts";
import { telemetryRows } from "./rows/telemetry.ts";
import { watchdogRows } from "./rows/watchdogs.ts";

export const rows: readonly Row[] = [
  ...protocolRows,
  ...bodyRows,
  ...attachingRows,
  ...telemetryRows,
  ...exploreRows,
  ...subscriptionRows,
  ...codingRows,
  ...mergingRows,
  ...failureRows,
  ...watchdogRows,
  ...secretRows,
  ...processRows,
  ...cancellingRows,
  ...beatRows,
  ...hostileRows,
];
