/** Secrets and variables of a deployment. None is in `wrangler.toml`, so `wrangler types` cannot know them. */
interface Settings {
  readonly HOLT_TOKENS?: string;
  readonly HOLT_SEALING_KEY?: string;
  readonly HOLT_ACCESS_TEAM?: string;
  readonly HOLT_ACCESS_AUD?: string;
  readonly HOLT_ALLOWED_HOSTS?: string;
  readonly HOLT_MAX_LIVE_EXECUTIONS?: string;
  readonly HOLT_LOG_METRICS?: string;
  readonly GITHUB_ALLOWED_HOSTS?: string;
  readonly GITHUB_ENTERPRISE_HOST?: string;
}
declare namespace Cloudflare {
  interface Env extends Settings {}
}
interface Env extends Settings {}
