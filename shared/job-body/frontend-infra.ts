import * as z from "zod";
import { type Fields, type Intake, drop, isFields, optionalChoice, optionalText, own } from "./intake.ts";
import { anyText, requiredText } from "./text.ts";

const port = z.int().min(1).max(65_535);

/** How a frontend is installed, built and served; what is absent gets its default where it is used. */
export const FrontendInfra = z.object({
  kind: z.literal("frontend"),
  packageManager: z.enum(["pnpm", "npm", "yarn"]).optional(),
  /** Split on whitespace; never given to a shell. */
  install: requiredText.optional(),
  buildScript: requiredText.optional(),
  outputDir: requiredText.optional(),
  serveMode: z.enum(["static", "command"]).optional(),
  serveScript: requiredText.optional(),
  servePort: port.optional(),
  envInjection: z.enum(["build", "runtime"]).optional(),
  env: z.record(requiredText, anyText).optional(),
  wiremockMappingsPath: requiredText.optional(),
  wiremockPort: port.optional(),
});
export type FrontendInfra = z.infer<typeof FrontendInfra>;

/**
 * Names through which a job could run code in the processes round the build, change how they find theirs or whom they
 * speak to, or take away what a build needs. Upper case; any case of them is refused.
 */
const reservedNames: ReadonlySet<string> = new Set([
  "PATH",
  "HOME",
  "TMPDIR",
  "USER",
  "LOGNAME",
  "SHELL",
  "ENV",
  "IFS",
  "NODE_OPTIONS",
  "NODE_PATH",
  "NODE_EXTRA_CA_CERTS",
  "NODE_USE_ENV_PROXY",
  "NODE_TLS_REJECT_UNAUTHORIZED",
  // `production` leaves out what a build is made with
  "NODE_ENV",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "CURL_CA_BUNDLE",
  "REQUESTS_CA_BUNDLE",
  "JAVA_TOOL_OPTIONS",
  "JDK_JAVA_OPTIONS",
  "_JAVA_OPTIONS",
]);
const reservedPrefixes = [
  "NPM_CONFIG_",
  "YARN_",
  "PNPM_",
  "COREPACK_",
  "GIT_",
  "LD_",
  "DYLD_",
  "BASH_",
  "PYTHON",
  "HARNESS_",
] as const;
/** Names that are a property of every object. */
const prototypeNames: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

export function parseFrontendInfra(intake: Intake, infra: Fields): FrontendInfra {
  const text = (key: string): string | undefined => optionalText(intake, infra, key, `infra.${key}`);
  const choice = <const Choice extends string>(key: string, choices: readonly Choice[]): Choice | undefined =>
    optionalChoice(intake, own(infra, key), `infra.${key}`, choices);
  return withoutAbsent({
    kind: "frontend",
    packageManager: choice("packageManager", ["pnpm", "npm", "yarn"]),
    install: text("install"),
    buildScript: text("buildScript"),
    outputDir: text("outputDir"),
    serveMode: choice("serveMode", ["static", "command"]),
    serveScript: text("serveScript"),
    servePort: parsePort(intake, infra, "servePort"),
    envInjection: choice("envInjection", ["build", "runtime"]),
    env: parseEnv(intake, own(infra, "env")),
    wiremockMappingsPath: text("wiremockMappingsPath"),
    wiremockPort: parsePort(intake, infra, "wiremockPort"),
  });
}

function withoutAbsent(infra: FrontendInfra): FrontendInfra {
  const present = Object.entries(infra).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(present), kind: infra.kind };
}

function parsePort(intake: Intake, infra: Fields, key: string): number | undefined {
  const value = own(infra, key);
  if (value === undefined) return undefined;
  const floored = typeof value === "number" ? Math.floor(value) : Number.NaN;
  return port.safeParse(floored).success ? floored : drop(intake, `infra.${key}`, "a port from 1 to 65535");
}

function parseEnv(intake: Intake, value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined) return undefined;
  if (!isFields(value)) return drop(intake, "infra.env", "an object of strings");
  const kept: Array<readonly [string, string]> = [];
  const dropped: string[] = [];
  for (const [name, text] of Object.entries(value)) {
    if (typeof text === "string" && name !== "" && !isReserved(name)) kept.push([name, text]);
    else dropped.push(name);
  }
  if (dropped.length > 0) intake.warn(envWarning(dropped));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function isReserved(name: string): boolean {
  const upper = name.toUpperCase();
  return (
    reservedNames.has(upper) ||
    prototypeNames.has(name) ||
    reservedPrefixes.some((prefix) => upper.startsWith(prefix))
  );
}

/** Whole or not at all: who redacts the warning would not know half a secret. */
function quote(name: string): string {
  return name.length > 80 ? `a name of ${name.length} characters` : `'${name}'`;
}

function envWarning(dropped: readonly string[]): string {
  const shown = dropped.slice(0, 5).map(quote);
  const more = dropped.length > shown.length ? ` and ${dropped.length - shown.length} more` : "";
  return `'infra.env' lost ${shown.join(", ")}${more}: names must be non-empty and not reserved, values strings.`;
}
