/** A frontend: installed, built, and served beside a WireMock that stands for its upstreams. */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { FrontendInfra } from "../../shared/job-body/frontend-infra.ts";
import { isSuccess } from "../process/exit.ts";
import { type Captured, toLogs } from "./captured-output.ts";
import type { Crew, Server } from "./crew.ts";
import { writeEnvFile } from "./env-file.ts";
import { type FrontendPlan, planFrontend } from "./frontend-plan.ts";
import { resolveInside } from "./inner-path.ts";
import { isPortTaken } from "./listeners.ts";
import { type Readiness, portInUse, waitUntilReady } from "./readiness.ts";
import { commandFailure } from "./show-error.ts";
import type { SetupEnd, StandUpOptions } from "./setup.ts";

const installMs = 480_000;
const buildMs = 720_000;
const wiremockJar = "/opt/wiremock/wiremock-standalone.jar";

type Site = {
  readonly options: StandUpOptions;
  readonly crew: Crew;
  readonly plan: FrontendPlan;
};

export async function standUpFrontend(
  options: StandUpOptions,
  { infra, crew }: { readonly infra: FrontendInfra; readonly crew: Crew },
): Promise<SetupEnd> {
  const planned = planFrontend(infra);
  if (!planned.ok) return down(planned.problem, "");
  const { plan } = planned;
  if (await isPortTaken(plan.servePort)) return down(portInUse(plan.servePort), "");
  const site: Site = { options, crew, plan };
  const output: Captured[] = [];
  const buildProblem = await installAndBuild(site, output);
  const logs = toLogs(output, options.context.redact);
  if (buildProblem !== null) return down(buildProblem, logs);
  const layoutProblem = await prepareOutput(site);
  if (layoutProblem !== null || options.context.stop.aborted) return down(layoutProblem, logs);
  return { ...(await startServers(site)), logs };
}

function down(problem: string | null, logs: string): SetupEnd {
  return { started: false, problem, serveUrl: null, logs };
}

/** What failed, where something did; what was printed is added to `output`. */
async function installAndBuild({ options, crew, plan }: Site, output: Captured[]): Promise<string | null> {
  const { context, clock, workplace } = options;
  const deadline = clock.now() + context.limits.setupMs;
  const steps = [
    { argv: plan.install, env: {}, timeoutMs: installMs },
    { argv: plan.build, env: plan.buildEnv, timeoutMs: buildMs },
  ];
  for (const { argv, env, timeoutMs } of steps) {
    const end = await crew.run({
      argv,
      env,
      cwd: workplace,
      timeoutMs: Math.max(1, Math.min(timeoutMs, deadline - clock.now())),
      signal: context.stop,
    });
    output.push(...end.output);
    if (!isSuccess(end.exit)) return commandFailure(argv, end);
  }
  return null;
}

/** Whether what was built may be served; the file with the environment is written into it. */
async function prepareOutput({ options, crew, plan }: Site): Promise<string | null> {
  const { context, workplace } = options;
  const output = await resolveInside(workplace, plan.outputDir);
  if (output.kind === "outside") return `'infra.outputDir' leads out of the repository: ${plan.outputDir}`;
  if (plan.envFile === "none") return null;
  const problem =
    output.kind === "missing"
      ? `the build made no folder '${plan.outputDir}'`
      : await writeEnvFile({ folder: output.path, env: plan.env, crew, signal: context.stop });
  if (problem !== null) context.report.note("env-file", context.redact(`env.js was not written: ${problem}`));
  else if (plan.envFile === "inert") {
    context.report.note("env-file", "env.js was written, but 'infra.serveScript' need not serve it.");
  }
  return null;
}

async function startServers(site: Site): Promise<Omit<SetupEnd, "logs">> {
  const { options, crew, plan } = site;
  const { context, clock, workplace } = options;
  const over = new AbortController();
  const waiting = { crew, clock, signal: AbortSignal.any([context.stop, over.signal]) };
  const mock = standUpMock(site, waiting);
  // the build may have left something on the port
  const isTaken = await isPortTaken(plan.servePort);
  const url = `http://localhost:${plan.servePort}`;
  const server = isTaken ? null : crew.serve({ argv: plan.serve, env: plan.serveEnv, cwd: workplace });
  const app: Readiness =
    server === null
      ? { kind: "down", problem: portInUse(plan.servePort) }
      : await waitUntilReady({ name: "the app's server", server, port: plan.servePort, url }, waiting);
  if (app.kind === "down" || server === null) {
    over.abort();
    await mock;
    return { started: false, problem: app.kind === "down" ? app.problem : null, serveUrl: null };
  }
  void noteItsEnd(options, server);
  const mocked = await mock;
  const problem = mocked.kind === "up" ? null : `WireMock is not up: ${mocked.problem}`;
  return { started: true, problem, serveUrl: url };
}

async function standUpMock(
  { options, crew, plan }: Site,
  waiting: Parameters<typeof waitUntilReady>[1],
): Promise<Readiness> {
  const { workplace, folders, env } = options;
  const port = plan.wiremockPort;
  if (port === plan.servePort) {
    return { kind: "down", problem: `'infra.wiremockPort' is the app's own port ${port}` };
  }
  if (await isPortTaken(port)) return { kind: "down", problem: portInUse(port) };
  const mappings = await resolveInside(workplace, plan.mappings);
  if (mappings.kind === "outside") {
    const problem = `'infra.wiremockMappingsPath' leads out of the repository: ${plan.mappings}`;
    return { kind: "down", problem };
  }
  const jar = env["WIREMOCK_JAR"] ?? "";
  const argv = ["java", "-jar", jar === "" ? wiremockJar : jar, "--port", String(port), "--disable-banner"];
  const hasStubs = mappings.kind === "inside" && (await isFolder(mappings.path));
  const root = hasStubs ? ["--root-dir", join(workplace, plan.mappings)] : [];
  // without a root folder WireMock makes one of its working directory
  const server = crew.serve({ argv: [...argv, ...root], cwd: folders.temporary });
  return waitUntilReady(
    { name: "WireMock", server, port, url: `http://localhost:${port}/__admin/` },
    waiting,
  );
}

/** While the agent works nobody waits for the server; that it failed explains what the agent sees. */
async function noteItsEnd({ context }: StandUpOptions, server: Server): Promise<void> {
  const { wasClosed, exit } = await server.ended;
  if (wasClosed || isSuccess(exit)) return;
  context.report.note(
    "infra-ended",
    `The app's server ended while it was in use (${server.argv.join(" ")}).`,
  );
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isDirectory() === true;
}
