import type { Tended } from "../execution/rpc.ts";
import { type Executions, executionsOf } from "../executions.ts";
import { metricsOf } from "../metrics/adapters.ts";
import type { Clock, Log, Metrics } from "../ports.ts";
import { systemClock, systemLog } from "../system.ts";
import { withTimeout } from "../timeout.ts";

/** What the `Admission` object takes from outside. */
export type AdmissionDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How many executions may have a live container. */
  readonly max: number;
  readonly executions: AdmittedExecutions;
};

/** What is said to executions. Every call ends, and fails where it took too long. */
export type AdmittedExecutions = {
  readonly tend: (executionId: string) => Promise<Tended>;
  readonly granted: (executionId: string) => Promise<void>;
};

export const DEFAULT_MAX_LIVE = 20;

export function systemAdmissionDeps(env: Env): AdmissionDeps {
  return {
    clock: systemClock,
    log: systemLog,
    metrics: metricsOf(env, systemLog),
    max: maxLiveOf(env, systemLog),
    executions: admittedExecutions(executionsOf(env), TEND_TIMEOUT_MS),
  };
}

/** A mistyped bound must not stop every start: it is said in the log, and the default holds. */
export function maxLiveOf(env: Pick<Settings, "HOLT_MAX_LIVE_EXECUTIONS">, log: Log): number {
  const text = env.HOLT_MAX_LIVE_EXECUTIONS?.trim() ?? "";
  if (text === "") return DEFAULT_MAX_LIVE;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  log.write("error", "admission.bad-limit", {
    variable: "HOLT_MAX_LIVE_EXECUTIONS",
    value: text,
    expected: "a whole number from 1 to 999999",
    using: DEFAULT_MAX_LIVE,
  });
  return DEFAULT_MAX_LIVE;
}

export function admittedExecutions(executions: Executions, timeoutMs: number): AdmittedExecutions {
  return {
    tend: (executionId) => withTimeout(executions.named(executionId).tend(), "tend", timeoutMs),
    granted: (executionId) => withTimeout(executions.named(executionId).granted(), "granted", timeoutMs),
  };
}

/** A visit begins an incarnation, may run one tick and wait for one destroy, which has 15 s. */
const TEND_TIMEOUT_MS = 20_000;
