/** Services of the repository's own compose file, under a project of the job's own. */

import { createHash } from "node:crypto";
import type { Environment } from "../process/environment.ts";
import { isSuccess } from "../process/exit.ts";
import { toLogs } from "./captured-output.ts";
import type { Crew } from "./crew.ts";
import { innerPathProblem, resolveInside } from "./inner-path.ts";
import { commandFailure } from "./show-error.ts";
import type { SetupEnd, StandUpOptions } from "./setup.ts";

const upMs = 300_000;
const downMs = 120_000;
const maxOutputBytes = 16 * 1024 * 1024;

export function standUpCompose(
  options: StandUpOptions,
  { composePath, crew }: { readonly composePath: string; readonly crew: Crew },
): { readonly setUp: () => Promise<SetupEnd>; readonly close: () => Promise<void> } {
  const { checkout, context, folders } = options;
  const env = composeEnvironment(options.env, context.folder);
  const compose = ["docker", "compose"];
  let wasTried = false;

  const setUp = async (): Promise<SetupEnd> => {
    const refusal = await refusalOf(checkout, composePath);
    if (refusal !== null) return { started: false, problem: refusal, serveUrl: null, logs: "" };
    wasTried = true;
    const argv = [...compose, "-f", composePath, "up", "-d", "--wait"];
    const end = await crew.run({
      argv,
      env,
      cwd: checkout,
      timeoutMs: Math.min(upMs, context.limits.setupMs),
      maxOutputBytes,
      signal: context.stop,
    });
    const started = isSuccess(end.exit);
    return {
      started,
      problem: started ? null : commandFailure(argv, end),
      serveUrl: null,
      logs: toLogs(end.output, context.redact),
    };
  };

  const takeDown = async (): Promise<void> => {
    const down = { env, timeoutMs: downMs, maxOutputBytes };
    if ((await refusalOf(checkout, composePath)) === null) {
      const end = await crew.run({
        ...down,
        argv: [...compose, "-f", composePath, "down", "-v"],
        cwd: checkout,
      });
      if (isSuccess(end.exit)) return;
    }
    // an agent may have changed or removed the file; the project's name is enough to find what runs
    const end = await crew.run({ ...down, argv: [...compose, "down", "-v"], cwd: folders.temporary });
    if (isSuccess(end.exit)) return;
    const text = "The services of the compose file could not be taken down.";
    context.report.note("infra-left", context.redact(`${text} ${end.stderrLines.join("\n")}`));
  };

  const close = async (): Promise<void> => {
    if (wasTried) await takeDown();
    await crew.close();
  };
  const tellFailure = async (error: unknown): Promise<void> => {
    context.report.note("infra-left", context.redact(`Services may be left: ${String(error)}`));
    await crew.close();
  };
  let closed: Promise<void> | null = null;
  return { setUp, close: () => (closed ??= close().catch(tellFailure)) };
}

/** Two jobs of one machine, of the same repository even, have projects of their own. */
function composeEnvironment(ours: Environment, folder: string): Environment {
  const id = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  const given = (name: string): string | undefined => (ours[name] === "" ? undefined : ours[name]);
  return {
    DOCKER_HOST: given("DOCKER_HOST"),
    XDG_RUNTIME_DIR: given("XDG_RUNTIME_DIR"),
    COMPOSE_PROJECT_NAME: `holt-${id}`,
    // services that an agent took out of the file end with the rest
    COMPOSE_REMOVE_ORPHANS: "1",
  };
}

async function refusalOf(checkout: string, composePath: string): Promise<string | null> {
  const problem = innerPathProblem("infra.composePath", composePath);
  if (problem !== null) return problem;
  // compose reads a file of the network where the name looks like one
  if (composePath.includes(":"))
    return `'infra.composePath' must be a path inside the repository: ${composePath}`;
  const { kind } = await resolveInside(checkout, composePath);
  return kind === "outside" ? `'infra.composePath' leads out of the repository: ${composePath}` : null;
}
