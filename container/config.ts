import { allowedGithubHosts } from "../shared/job-body/hosts.ts";
import { PolicyDefaults } from "../shared/policy-defaults.ts";
import {
  type Env,
  nonEmpty,
  readBound,
  readDuration,
  readInstance,
  readList,
  readPort,
  readUserName,
  readWorkspaceRoot,
} from "./config/values.ts";

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
  /** Absolute; checkouts that outlive their job stand below it. */
  readonly workspaceRoot: string;
  /** Patterns of ignored files that stay in a checkout from job to job. */
  readonly cleanKeep: readonly string[];
  readonly wiremockJar: string;
  /** Who agents and all code of a repository run as; null: the harness's own user. */
  readonly agentUserName: string | null;
};

/** Milliseconds, and counts. */
export type StandaloneLimits = {
  readonly inactivityMs: number;
  readonly toolSilenceMs: number;
  readonly maxDurationMs: number;
  readonly checkpointMs: number;
  /** Of one git command that fetches, and of one that pushes. */
  readonly cloneMs: number;
  readonly pushMs: number;
  /** Of one stand-up, from its first command until it answers. */
  readonly setupMs: number;
  readonly killGraceMs: number;
  /** How often the follow-ups of an agent are looked for. */
  readonly followUpPollMs: number;
  /** Of every agent's work; a job's own may loosen them. */
  readonly guard: GuardBounds;
};

/** How often an agent may go on without getting anywhere. */
export type GuardBounds = {
  readonly maxToolCallsWithoutEdit: number;
  readonly maxConsecutiveErrors: number;
  readonly maxConsecutiveWebCalls: number;
};

export type ReadConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly error: string };

const FIRST_JOB_MS = 180_000;

const durations = {
  JOB_INACTIVITY_MS: PolicyDefaults.inactivityMs,
  JOB_MAX_DURATION_MS: PolicyDefaults.maxDurationMs,
  JOB_TOOL_SILENCE_MS: PolicyDefaults.toolSilenceMs,
  JOB_CHECKPOINT_INTERVAL_MS: 60_000, // at most a minute of commits is lost with a machine
  JOB_FOLLOWUP_POLL_INTERVAL_MS: 3_000,
} as const;

type DurationName = keyof typeof durations;

const bounds = {
  JOB_MAX_TOOLCALLS_WITHOUT_EDIT: 40,
  JOB_MAX_CONSECUTIVE_TOOL_ERRORS: 12,
  JOB_MAX_CONSECUTIVE_WEB_CALLS: 25,
} as const;

type BoundName = keyof typeof bounds;

/** What installs leave behind and the next job would fetch again. */
const CLEAN_KEEP = "node_modules,.venv,target,.gradle,.pnpm-store";

/** Git gives up on its own, with its own text, this long before a silent job would be given up. */
const GIT_LEAD_MS = 180_000;

/** Reads the environment; the first value that cannot be meant is refused in one sentence. */
export function readConfig(env: Env): ReadConfig {
  const problems: string[] = [];
  const port = readPort(env["PORT"], problems);
  const instance = readInstance(env["HARNESS_INSTANCE"], problems);
  const sharedSecret = nonEmpty(env["HARNESS_SHARED_SECRET"]);
  const duration = (name: DurationName): number => readDuration(env, name, durations[name], problems);
  const bound = (name: BoundName): number => readBound(env, name, bounds[name], problems);
  const inactivityMs = duration("JOB_INACTIVITY_MS");
  const limits = {
    inactivityMs,
    maxDurationMs: duration("JOB_MAX_DURATION_MS"),
    checkpointMs: duration("JOB_CHECKPOINT_INTERVAL_MS"),
    followUpPollMs: duration("JOB_FOLLOWUP_POLL_INTERVAL_MS"),
  };
  // who lets an agent be silent for long has not asked that it finish tool calls sooner
  const toolSilenceMs =
    nonEmpty(env["JOB_TOOL_SILENCE_MS"]) === null
      ? Math.max(durations.JOB_TOOL_SILENCE_MS, inactivityMs)
      : duration("JOB_TOOL_SILENCE_MS");
  const gitMs = inactivityMs - Math.min(GIT_LEAD_MS, Math.floor(inactivityMs / 3));
  const guard = {
    maxToolCallsWithoutEdit: bound("JOB_MAX_TOOLCALLS_WITHOUT_EDIT"),
    maxConsecutiveErrors: bound("JOB_MAX_CONSECUTIVE_TOOL_ERRORS"),
    maxConsecutiveWebCalls: bound("JOB_MAX_CONSECUTIVE_WEB_CALLS"),
  };
  const rest = {
    workspaceRoot: readWorkspaceRoot(env["HARNESS_WORKSPACE_ROOT"], problems),
    cleanKeep: readList(nonEmpty(env["HARNESS_CLEAN_KEEP"]) ?? CLEAN_KEEP),
    wiremockJar: nonEmpty(env["WIREMOCK_JAR"]) ?? "/opt/wiremock/wiremock-standalone.jar",
    agentUserName: readUserName(env["HARNESS_AGENT_USER"], problems),
  };
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
        ...limits,
        toolSilenceMs,
        guard,
        cloneMs: gitMs,
        pushMs: gitMs,
        setupMs: PolicyDefaults.setupMs,
        killGraceMs: PolicyDefaults.killGraceMs,
      },
      firstJobMs: FIRST_JOB_MS,
      ...rest,
    },
  };
}
