/** What is run for a frontend: the job's wishes with their defaults, checked before anything is started. */

import type { FrontendInfra } from "../../shared/job-body/frontend-infra.ts";
import { innerPathProblem } from "./inner-path.ts";

export type FrontendPlan = {
  readonly install: readonly string[];
  readonly build: readonly string[];
  readonly serve: readonly string[];
  readonly servePort: number;
  readonly serveEnv: Readonly<Record<string, string>>;
  readonly buildEnv: Readonly<Record<string, string>>;
  /** Relative to the workplace. */
  readonly outputDir: string;
  /** `served`: from the output folder, at run time; `inert`: asked for, but a server of its own does not read it. */
  readonly envFile: "none" | "served" | "inert";
  readonly env: Readonly<Record<string, string>>;
  /** Relative to the workplace. */
  readonly mappings: string;
  readonly wiremockPort: number;
};

export type PlannedFrontend =
  | { readonly ok: true; readonly plan: FrontendPlan }
  | { readonly ok: false; readonly problem: string };

export function planFrontend(infra: FrontendInfra): PlannedFrontend {
  const { packageManager = "pnpm", buildScript = "build", outputDir = "dist", env = {} } = infra;
  const { wiremockMappingsPath: mappings = "mocks/", serveScript, servePort = 4173 } = infra;
  const problem =
    innerPathProblem("infra.outputDir", outputDir) ??
    innerPathProblem("infra.wiremockMappingsPath", mappings) ??
    scriptProblem("infra.buildScript", buildScript) ??
    scriptProblem("infra.serveScript", serveScript ?? "");
  if (problem !== null) return { ok: false, problem };
  const install = infra.install?.split(/\s+/u).filter((word) => word !== "") ?? [];
  const ownServer = infra.serveMode === "command" ? serveScript : undefined;
  const isInjected = infra.envInjection === "runtime";
  return {
    ok: true,
    plan: {
      install: install.length === 0 ? [packageManager, "install"] : install,
      build: [packageManager, "run", buildScript],
      serve:
        ownServer === undefined
          ? ["serve", "-s", outputDir, "-l", String(servePort)]
          : [packageManager, "run", ownServer],
      servePort,
      serveEnv: ownServer === undefined ? {} : { ...env, PORT: String(servePort) },
      buildEnv: isInjected ? {} : env,
      outputDir,
      envFile: !isInjected ? "none" : ownServer === undefined ? "served" : "inert",
      env,
      mappings,
      wiremockPort: wiremockPortOf(infra),
    },
  };
}

export function wiremockPortOf({ wiremockPort = 8089 }: FrontendInfra): number {
  return wiremockPort;
}

/** A script that looks like an option would be one to the package manager. */
function scriptProblem(field: string, script: string): string | null {
  return script.startsWith("-") ? `'${field}' must not begin with '-': ${script}` : null;
}
