/** A set of environment variables, as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a child may see of the harness's own environment. HOME and TMPDIR are given per job by the caller; secrets,
 * HARNESS_*, PORT and NODE_ENV are not on the list, so an install in the agent's shell keeps its development
 * dependencies and nothing of the harness leaks.
 */
const passedOn = [
  "PATH",
  "LANG",
  "LANGUAGE",
  "LC_ALL",
  "LC_CTYPE",
  "TERM",
  "TZ",
  "USER",
  "LOGNAME",
  "SHELL",
  // how the outside is reached: without them neither git nor the agent leaves a network behind a proxy
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "ALL_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "all_proxy",
  "NODE_USE_ENV_PROXY",
  // the certificate authority of a proxy that looks into TLS
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "GIT_SSL_CAINFO",
  "CURL_CA_BUNDLE",
  "REQUESTS_CA_BUNDLE",
] as const;

/** The complete environment of a child: the allowed part of ours, then `extras`, which win. */
export function childEnvironment(ours: Environment, extras: Environment): Record<string, string> {
  const allowed = passedOn.map((name) => [name, ours[name]] as const);
  const given = [...allowed, ...Object.entries(extras)];
  return Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
