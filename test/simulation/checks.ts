/** Every promise that the core can break, each held against every step. */

import { boundChecks } from "./checks/bounds.ts";
import { containerChecks } from "./checks/containers.ts";
import { deadlineChecks } from "./checks/deadlines.ts";
import { eventChecks } from "./checks/events.ts";
import { lossChecks } from "./checks/losses.ts";
import { outcomeChecks } from "./checks/outcomes.ts";
import { sleeperChecks } from "./checks/sleepers.ts";
import { staleChecks } from "./checks/stale.ts";
import { stopChecks } from "./checks/stops.ts";
import { viewChecks } from "./checks/views.ts";
import type { Ledger, Seen } from "./ledger.ts";

/** Says what of a promise a step broke; null where it kept it. */
export type Check = {
  readonly promise: string;
  readonly check: (seen: Seen, ledger: Ledger) => string | null;
};

export const checks: readonly Check[] = [
  ...outcomeChecks,
  ...containerChecks,
  ...eventChecks,
  ...staleChecks,
  ...lossChecks,
  ...sleeperChecks,
  ...deadlineChecks,
  ...boundChecks,
  ...stopChecks,
  ...viewChecks,
];
