import { allowedGithubHosts } from "../shared/job-body.ts";
import { redact } from "../shared/redact.ts";
import { createAuthenticator } from "./auth/authenticator.ts";
import { boardsOf } from "./board/client.ts";
import { executionsOf } from "./executions.ts";
import type { EdgeDeps } from "./http/call.ts";
import { createReference } from "./reference/reference.ts";
import { systemClock, systemLog, systemRandom, systemTimer } from "./system.ts";

/** The edge of a deployment, as its bindings, secrets and variables say. @param description the API's, as JSON */
export function edgeDeps(env: Env, description: string): EdgeDeps {
  return {
    executions: executionsOf(env),
    boards: boardsOf(env),
    authenticate: createAuthenticator(env, {
      clock: systemClock,
      fetchKeys: (url, init) => fetch(url, init),
    }),
    isWithinRate: async (caller) => (await env.REQUESTS.limit({ key: caller })).success,
    allowedHosts: allowedHostsOf(env),
    // The host does not matter to the binding.
    assets: (path) => env.ASSETS.fetch(new URL(path, "https://assets.local")),
    random: systemRandom,
    clock: systemClock,
    timer: systemTimer,
    log: systemLog,
    redact,
    reference: createReference(description),
  };
}

/** Hosts that may receive a job's git token; the same list goes to the harness as its `GITHUB_ALLOWED_HOSTS`. */
export function allowedHostsOf(
  env: Pick<Settings, "GITHUB_ALLOWED_HOSTS" | "GITHUB_ENTERPRISE_HOST" | "HOLT_ALLOWED_HOSTS">,
): readonly string[] {
  return allowedGithubHosts({
    GITHUB_ENTERPRISE_HOST: env.GITHUB_ENTERPRISE_HOST,
    GITHUB_ALLOWED_HOSTS: [env.GITHUB_ALLOWED_HOSTS, env.HOLT_ALLOWED_HOSTS].join(","),
  });
}
