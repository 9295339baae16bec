import { InstanceId } from "../shared/ids.ts";
import { allowedGithubHosts } from "../shared/job-body.ts";
import { PolicyDefaults } from "../shared/policy.ts";

/** Everything the harness reads from its environment, read once at start. */
export type Config = {
  readonly port: number;
  /** Loopback where neither an instance nor a secret says who may speak to it. */
  readonly hostname: string;
  readonly sharedSecret: string | null;
  /** The start of the container that this process belongs to; null outside an execution. */
  readonly instance: string | null;
  readonly allowedHosts: readonly string[];
  /** Limits of jobs that bring none of their own. */
  readonly limits: StandaloneLimits;
  /** How long a harness with an instance waits for its first job. */
  readonly firstJobMs: number;
};

export type StandaloneLimits = {
  readonly inactivityMs: number;
  readonly maxDurationMs: number;
  readonly checkpointMs: number;
  readonly cloneMs: number;
  readonly pushMs: number;
  readonly killGraceMs: number;
};

export type ReadConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly error: string };

/** Node's timers hold a signed 32-bit number of milliseconds and fire at once beyond it. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const FIRST_JOB_MS = 180_000;

const durations = {
  JOB_INACTIVITY_MS: PolicyDefaults.inactivityMs,
  JOB_MAX_DURATION_MS: PolicyDefaults.maxDurationMs,
  JOB_CHECKPOINT_INTERVAL_MS: 60_000, // at most a minute of commits is lost with a machine
} as const;

type DurationName = keyof typeof durations;

/** Reads the environment; the first value that cannot be meant is refused in one sentence. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ReadConfig {
  const problems: string[] = [];
  const port = readPort(env["PORT"], problems);
  const instance = readInstance(env["HARNESS_INSTANCE"], problems);
  const sharedSecret = nonEmpty(env["HARNESS_SHARED_SECRET"]);
  const duration = (name: DurationName): number => readDuration(env, name, problems);
  const inactivityMs = duration("JOB_INACTIVITY_MS");
  const maxDurationMs = duration("JOB_MAX_DURATION_MS");
  const checkpointMs = duration("JOB_CHECKPOINT_INTERVAL_MS");
  const [problem] = problems;
  if (problem !== undefined) return { ok: false, error: problem };
  return {
    ok: true,
    config: {
      port,
      hostname:
        nonEmpty(env["HARNESS_HOST"]) ??
        (instance === null && sharedSecret === null ? "127.0.0.1" : "0.0.0.0"),
      sharedSecret,
      instance,
      allowedHosts: allowedGithubHosts({
        GITHUB_ENTERPRISE_HOST: env["GITHUB_ENTERPRISE_HOST"],
        GITHUB_ALLOWED_HOSTS: env["GITHUB_ALLOWED_HOSTS"],
      }),
      limits: {
        inactivityMs,
        maxDurationMs,
        checkpointMs,
        // Git gives up on its own, with its own text, no later than a silent agent would be given up.
        cloneMs: Math.min(PolicyDefaults.cloneMs, inactivityMs),
        pushMs: Math.min(PolicyDefaults.pushMs, inactivityMs),
        killGraceMs: PolicyDefaults.killGraceMs,
      },
      firstJobMs: FIRST_JOB_MS,
    },
  };
}

function readPort(text: string | undefined, problems: string[]): number {
  const given = nonEmpty(text);
  if (given === null) return 8080;
  const port = Number(given);
  if (/^\d+$/u.test(given) && port <= 65_535) return port;
  problems.push(`PORT must be a number from 0 to 65535, not '${shown(given)}'`);
  return 0;
}

function readInstance(text: string | undefined, problems: string[]): string | null {
  const given = nonEmpty(text);
  if (given === null || InstanceId.safeParse(given).success) return given;
  problems.push("HARNESS_INSTANCE must be 8 to 64 letters, digits and hyphens");
  return null;
}

function readDuration(
  env: Readonly<Record<string, string | undefined>>,
  name: DurationName,
  problems: string[],
): number {
  const given = nonEmpty(env[name]);
  if (given === null) return durations[name];
  const ms = Number(given);
  if (Number.isFinite(ms) && ms > 0 && ms <= MAX_TIMER_MS) return ms;
  problems.push(
    `${name} must be a number of milliseconds above 0 and at most ${MAX_TIMER_MS}, not '${shown(given)}'`,
  );
  return durations[name];
}

function nonEmpty(text: string | undefined): string | null {
  return text === undefined || text.trim() === "" ? null : text.trim();
}

function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
