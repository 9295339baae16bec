import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { makeJobFolders } from "../../../container/flows/job-folders.ts";
import { type StandUp, type StandUpOptions, standUpInfra } from "../../../container/infra/stand-up.ts";
import type { FlowLimits } from "../../../container/job-context.ts";
import type { Clock } from "../../../container/ports.ts";
import type { AgentUser } from "../../../container/process/agent-user.ts";
import { handOver } from "../../../container/process/hand-over.ts";
import type { FrontendInfra } from "../../../shared/job-body/frontend-infra.ts";
import type { JobInfra } from "../../../shared/job-body/infra.ts";
import { makeFolder, realClock } from "../job-folder.ts";
import { type RecordingContext, makeContext } from "../recording-context.ts";

/** A checkout, and programs of the test's own that are found before the machine's. */
export type Site = {
  readonly folder: string;
  readonly checkout: string;
  readonly programs: Programs;
  readonly recording: RecordingContext;
  readonly standUp: (infra: JobInfra, over?: Partial<StandUpOptions>) => Promise<StandUp>;
};

export type Programs = {
  readonly path: string;
  /** What was called, in order: a program's name and arguments. */
  readonly calls: () => Promise<readonly string[]>;
  /** What a program was given, by the name it was called by and its first argument. */
  readonly environmentOf: (call: string) => Promise<Readonly<Record<string, string>>>;
  /** A file that scripts know as `$MARKS/<name>`. */
  readonly mark: (name: string) => string;
};

export type SiteOptions = {
  readonly programs?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly limits?: Partial<FlowLimits>;
  readonly secrets?: readonly string[];
  readonly folder?: string;
  readonly user?: AgentUser | null;
};

/** Listens on the port, and answers with the status, that stand behind it. */
export const listening = 'exec node "$LISTEN"';

/** Ends when it is asked for `/die`. */
const server = `import { createServer } from "node:http";
const [port, status = "200"] = process.argv.slice(2);
createServer((request, response) => {
  response.statusCode = Number(status);
  response.end("app");
  if (request.url === "/die") process.exit(4);
}).listen(Number(port));
`;

/** Programs that do what the real ones are asked to: print, write an output folder, listen. */
export const usual = {
  pnpm: `case "$1" in install) echo out install;; run) echo out run $2; mkdir -p dist; echo '<p>' > dist/index.html;; esac`,
  serve: `${listening} "$4"`,
  java: `${listening} "$4" 404`,
  docker: `echo "docker said $*"`,
} as const;

export async function openSite(options: SiteOptions = {}): Promise<Site> {
  const folder = options.folder ?? (await makeFolder());
  const user = options.user ?? null;
  const programs = await layPrograms(join(folder, "bin"), { ...usual, ...options.programs });
  const recording = await makeContext(folder, {
    ...(options.limits !== undefined && { limits: options.limits }),
    ...(options.secrets !== undefined && { secrets: options.secrets }),
  });
  const folders = await makeJobFolders(recording.context.folder, user);
  const { checkout } = folders;
  await mkdir(checkout, { recursive: true });
  for (const [path, content] of Object.entries(options.files ?? {})) {
    await mkdir(dirname(join(checkout, path)), { recursive: true });
    await writeFile(join(checkout, path), content);
  }
  const standUp: Site["standUp"] = async (infra, over = {}) => {
    await handOver([folders.home, folders.temporary, checkout], { user, env: process.env });
    const stood = await standUpInfra({
      infra,
      checkout,
      workplace: checkout,
      folders,
      context: recording.context,
      clock: fastClock(5),
      env: { ...process.env, PATH: programs.path },
      user,
      ownsAccount: () => false,
      exceptSessions: () => [],
      ...over,
    });
    onTestFinished(stood.close);
    return stood;
  };
  return { folder, checkout, programs, recording, standUp };
}

/** A frontend on ports that nobody has. */
export async function makeFrontend(over: Partial<FrontendInfra> = {}): Promise<FrontendInfra & Ports> {
  const { servePort = await freePort(), wiremockPort = await freePort() } = over;
  return { kind: "frontend", ...over, servePort, wiremockPort };
}

type Ports = { readonly servePort: number; readonly wiremockPort: number };

export async function layPrograms(bin: string, scripts: Readonly<Record<string, string>>): Promise<Programs> {
  const marks = join(bin, "marks");
  await mkdir(marks, { recursive: true });
  await chmod(marks, 0o777);
  const listen = join(bin, "listen.mjs");
  await writeFile(listen, server);
  for (const [name, script] of Object.entries(scripts)) {
    const path = join(bin, name);
    await writeFile(
      path,
      `#!/bin/sh
MARKS=${marks}
LISTEN=${listen}
umask 0
echo "${name} $*" >> "$MARKS/calls"
env > "$MARKS/env-${name}-$1"
${script}
`,
    );
    await chmod(path, 0o755);
  }
  const lines = async (file: string): Promise<readonly string[]> =>
    (await readFile(join(marks, file), "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  return {
    path: `${bin}:${process.env["PATH"]}`,
    calls: () => lines("calls"),
    environmentOf: async (call) => {
      const given = await lines(`env-${call.replace(" ", "-")}`);
      return Object.fromEntries(
        given.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
      );
    },
    mark: (name) => join(marks, name),
  };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe, 0);
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Somebody else's server, in the test's own process. */
export async function occupy(port: number, onRequest: () => void = () => undefined): Promise<void> {
  const stranger = createServer((_request, response) => {
    response.end("somebody else's");
    onRequest();
  });
  await listen(stranger, port);
  onTestFinished(() => {
    stranger.closeAllConnections();
    stranger.close();
  });
}

function listen(listener: Server, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  listener.once("error", reject);
  listener.listen(port, "127.0.0.1", () => {
    const address = listener.address();
    resolve(typeof address === "object" && address !== null ? address.port : port);
  });
  return promise;
}

/** A clock on which `factor` times as much passes. */
export function fastClock(factor: number): Clock {
  const start = realClock.now();
  return {
    now: () => start + (realClock.now() - start) * factor,
    sleep: (ms, signal) => realClock.sleep(ms / factor, signal),
  };
}
