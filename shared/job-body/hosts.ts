import type { Intake } from "./intake.ts";

/** The variables of a harness or Worker that widen the allow-list. */
export type HostEnv = {
  readonly GITHUB_ENTERPRISE_HOST?: string | undefined;
  readonly GITHUB_ALLOWED_HOSTS?: string | undefined;
};

/**
 * Hosts that may receive a job's git token: `host` (default port; any port on loopback and `*.holt.internal`) or
 * `host:port`.
 */
export function allowedGithubHosts(env: HostEnv): readonly string[] {
  const configured = [env.GITHUB_ENTERPRISE_HOST ?? "", ...(env.GITHUB_ALLOWED_HOSTS ?? "").split(",")];
  const hosts = ["github.com", "api.github.com", ...configured.map((host) => host.trim().toLowerCase())];
  return [...new Set(hosts.filter((host) => host !== ""))];
}

/** Refuses a URL to which the job's git token may not travel. */
export function checkGitUrl(
  intake: Intake,
  { url, path, allowedHosts }: { url: string; path: string; allowedHosts: readonly string[] },
): void {
  const parsed = URL.parse(url);
  if (parsed === null) return intake.refuse(`'${path}' must be a valid URL`);
  if (parsed.protocol === "file:") return intake.refuse(`'${path}' must be an https URL`);
  if (parsed.protocol !== "https:" && parsed.protocol !== "http:") {
    return intake.refuse(`'${path}' must be an https or file URL`);
  }
  if (!isListed(parsed, allowedHosts)) {
    const host = allowedHosts.includes(parsed.hostname) ? parsed.host : parsed.hostname;
    return intake.refuse(`'${path}' host '${host}' is not an allowed GitHub host`);
  }
  if (parsed.protocol === "http:" && !isTrustedForHttp(parsed.hostname)) refusePlainHttp(intake, path);
}

/** Model endpoints have no allow-list, but their tokens do not cross a network in the clear either. */
export function checkModelUrl(intake: Intake, url: string, path: string): void {
  const parsed = URL.parse(url);
  if (parsed === null || (parsed.protocol !== "https:" && parsed.protocol !== "http:")) {
    return intake.warn(`'${path}' is no http or https URL, so the model cannot be reached through it.`);
  }
  if (parsed.protocol === "http:" && !isTrustedForHttp(parsed.hostname)) refusePlainHttp(intake, path);
}

/** The hosting service a clone URL belongs to, where the job does not say. */
export function guessProvider(cloneUrl: string): "github" | "gitlab" {
  const host = URL.parse(cloneUrl)?.hostname ?? "";
  return host.startsWith("gitlab.") || host.includes(".gitlab.") ? "gitlab" : "github";
}

function refusePlainHttp(intake: Intake, path: string): void {
  intake.refuse(`'${path}' must be an https URL (http only to loopback and *.holt.internal)`);
}

function isListed(url: URL, allowedHosts: readonly string[]): boolean {
  const defaultPort = url.protocol === "https:" ? "443" : "80";
  const withPort = `${url.hostname}:${url.port === "" ? defaultPort : url.port}`;
  if (allowedHosts.includes(withPort)) return true;
  return allowedHosts.includes(url.hostname) && (url.port === "" || isTrustedForHttp(url.hostname));
}

/** `URL` has normalised the host: lower case, `127.1` and `0x7f000001` written out. */
function isTrustedForHttp(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname) ||
    hostname === "[::1]" ||
    hostname.endsWith(".holt.internal")
  );
}
