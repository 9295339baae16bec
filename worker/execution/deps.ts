import { createAdmissionPort } from "../admission/client.ts";
import { createBoardPort } from "../board/client.ts";
import { createContainerPort } from "../container.ts";
import { metricsOf } from "../metrics/adapters.ts";
import type {
  AdmissionPort,
  BoardPort,
  Clock,
  ContainerPort,
  Log,
  Metrics,
  Random,
  Timer,
} from "../ports.ts";
import { type Sealer, sealerFrom } from "../sealing.ts";
import { systemClock, systemLog, systemRandom, systemTimer } from "../system.ts";

/** What an execution takes from outside. */
export type ExecutionDeps = {
  readonly clock: Clock;
  readonly random: Random;
  readonly timer: Timer;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly container: ContainerPort;
  readonly admission: AdmissionPort;
  readonly board: BoardPort;
  readonly sealer: Sealer | null;
  readonly containerEnv: Readonly<Record<string, string>>;
};

export function systemDeps(ctx: DurableObjectState, env: Env): ExecutionDeps {
  return {
    clock: systemClock,
    random: systemRandom,
    timer: systemTimer,
    log: systemLog,
    metrics: metricsOf(env, systemLog),
    container: createContainerPort(ctx, ctx.exports),
    admission: createAdmissionPort(env, ctx.id.name ?? ctx.id.toString()),
    board: createBoardPort(env, ctx.id.name ?? ctx.id.toString()),
    sealer: sealerFrom(env),
    containerEnv: containerEnvOf(env),
  };
}

/** Hosts that a job's git token may go to, as the harness knows them; nothing secret. */
function containerEnvOf(env: Env): Readonly<Record<string, string>> {
  const hosts = [env.GITHUB_ALLOWED_HOSTS, env.HOLT_ALLOWED_HOSTS].filter(
    (list) => list !== undefined && list !== "",
  );
  return {
    ...(hosts.length === 0 ? {} : { GITHUB_ALLOWED_HOSTS: hosts.join(",") }),
    ...(env.GITHUB_ENTERPRISE_HOST === undefined
      ? {}
      : { GITHUB_ENTERPRISE_HOST: env.GITHUB_ENTERPRISE_HOST }),
  };
}
