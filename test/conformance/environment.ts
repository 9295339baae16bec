/** What the harness under test is started with, so that its limits are reached within seconds. */

/** A silent agent is ended after this long. */
export const inactivityMs = 8_000;

/** Any job is. */
export const maxDurationMs = 26_000;

/** Milliseconds and hosts as the job protocol names them; PATH and, for beats, the proxy come on top. */
export const environment = {
  GITHUB_ALLOWED_HOSTS: "127.0.0.1",
  JOB_INACTIVITY_MS: String(inactivityMs),
  JOB_MAX_DURATION_MS: String(maxDurationMs),
  JOB_CHECKPOINT_INTERVAL_MS: "60000",
  JOB_FOLLOWUP_POLL_INTERVAL_MS: "200",
} as const;

/** What a harness that beats is started with on top. */
export function beatEnvironment(objectPort: number): Readonly<Record<string, string>> {
  return {
    HARNESS_INSTANCE: "conformance-0123456789",
    HTTP_PROXY: `http://127.0.0.1:${objectPort}`,
    NO_PROXY: "127.0.0.1,localhost",
    NODE_USE_ENV_PROXY: "1",
  };
}
