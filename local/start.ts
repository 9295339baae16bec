/**
 * `npm start`: the Worker in workerd, containers as processes of this machine, and one real execution at once.
 * `--once` ends after it, `--fresh` forgets earlier state, `--model NAME` uses a real model with the key in the
 * environment instead of the scripted one.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { JobView } from "../shared/job-view.ts";
import { createClient } from "./client.ts";
import { runDemo } from "./demo.ts";
import { fixFailingTest } from "./model/fix-failing-test.ts";
import { modelFrom } from "./real-model.ts";
import { projectRoot, startStandIns } from "./stand-ins.ts";
import { markRunning, openState, runningOn, unmarkRunning } from "./state.ts";
import { terminal } from "./system.ts";
import { freePort, startWorkerProcess } from "./worker-process.ts";

const FIRST_PORT = 8787;

const usage = `npm start [-- --once] [-- --fresh] [-- --model NAME] [-- --port N]

  --once        end after the sample execution; the last line is its JobView, the exit code 0 or 1
  --fresh       forget what earlier starts stored in .holt/
  --model NAME  a real model, with OPENAI_API_KEY (and OPENAI_BASE_URL) from the environment; default: scripted
  --port N      the first port to try (default ${FIRST_PORT})
  --verbose     show what the Worker, the engine and the containers print`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      once: { type: "boolean", default: false },
      fresh: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      model: { type: "string" },
      port: { type: "string", default: String(FIRST_PORT) },
      "state-dir": { type: "string", default: join(projectRoot, ".holt") },
    },
  });
  if (values.help) {
    terminal.print(usage);
    return 0;
  }
  const dir = values["state-dir"];
  const other = runningOn(dir);
  if (other !== null) {
    terminal.complain(`Holt already runs on this state at ${other.url} (process ${other.pid}).`);
    return 2;
  }
  const closers: (() => Promise<void> | void)[] = [];
  const interrupted = whenInterrupted();
  try {
    const work = run({ ...values, dir, closers, interrupted });
    return await Promise.race([work, interrupted.then(() => 130)]);
  } catch (error) {
    terminal.complain(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

type RunOptions = {
  readonly dir: string;
  readonly fresh: boolean;
  readonly once: boolean;
  readonly verbose: boolean;
  readonly model?: string | undefined;
  readonly port: string;
  readonly closers: (() => Promise<void> | void)[];
  readonly interrupted: Promise<void>;
};

async function run(options: RunOptions): Promise<number> {
  const { closers, dir } = options;
  const log = options.verbose ? (line: string) => terminal.print(`  · ${line}`) : () => undefined;
  const { secrets } = openState(dir, options.fresh);
  terminal.print(
    "Starting Holt: the Worker in workerd, containers as processes of this machine (no isolation).",
  );
  const standIns = await startStandIns({
    stateDir: dir,
    script: fixFailingTest,
    tokens: { git: secrets.gitToken, model: secrets.modelToken },
    log,
    output: (name, line) => log(`${name}: ${line}`),
  });
  closers.push(standIns.close);
  const tokens = [{ name: "local", sha256: sha256(secrets.token), scopes: ["dispatch"] }];
  const worker = await startWorkerProcess({
    root: projectRoot,
    stateDir: dir,
    port: await freePort(Number(options.port)),
    variables: {
      HOLT_TOKENS: JSON.stringify(tokens),
      HOLT_SEALING_KEY: secrets.sealingKey,
      HOLT_ALLOWED_HOSTS: "127.0.0.1",
    },
    env: standIns.engine.env,
    log,
  });
  closers.push(worker.close);
  markRunning(dir, { pid: process.pid, url: worker.url });
  closers.push(() => unmarkRunning(dir));
  terminal.print(`Address  ${worker.url}`);
  terminal.print(`Token    ${secrets.token}`);
  const model = modelFrom(options.model, standIns.model, secrets.modelToken);
  terminal.print(`Model    ${model.label}`);
  const client = createClient(worker.url, secrets.token);
  const view = await runDemo({ client, standIns, model, gitToken: secrets.gitToken, print: terminal.print });
  if (options.once) {
    terminal.print(JSON.stringify(view));
    return succeeded(view) ? 0 : 1;
  }
  terminal.print(
    succeeded(view)
      ? "The execution is done."
      : `The execution failed: ${view.error ?? view.result?.error ?? ""}`,
  );
  terminal.print(`Serving at ${worker.url}; Ctrl-C ends it.`);
  await worker.ended;
  terminal.complain("The Worker ended by itself.");
  return 1;
}

function succeeded(view: JobView): boolean {
  return view.state === "done" && view.result?.error === undefined && view.result?.pushed === true;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function whenInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve());
  });
}
