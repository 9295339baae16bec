/**
 * `npm start`: the Worker in workerd, containers as processes of this machine, and one real execution at once; then it
 * serves until it is interrupted. Whatever ends it, it puts away what it started.
 */
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { toPageUrl } from "../shared/page-url.ts";
import { claimState } from "./claim.ts";
import { Closers } from "./closers.ts";
import { keepMetrics } from "./metrics.ts";
import { planLoad, slotsFor } from "./load/plan.ts";
import { fixFailingTest } from "./model/fix-failing-test.ts";
import { openBoard } from "./open-board.ts";
import { readOptions, type StartOptions, usage } from "./options.ts";
import { scriptedModel } from "./real-model.ts";
import { type End, serveOn, showLoad, showSample } from "./show.ts";
import { projectRoot, startStandIns } from "./stand-ins.ts";
import { makeStateDir, openState } from "./state.ts";
import { exitWithin, Interruption, machine, now, openTerminal, watchInterruptions } from "./system.ts";
import { startWorkerProcess, type WorkerProcess } from "./worker-process.ts";

type Start = {
  readonly options: StartOptions;
  readonly closers: Closers;
  readonly signal: AbortSignal;
};

/** After this long what we started is put away by its guards. */
const CLOSE_WITHIN_MS = 20_000;

/** Beside the address: what one sees there. */
const SAMPLE_BOARD =
  "in a browser: the execution below, live, with what will stop it and when; the link holds the token";
const LOAD_BOARD =
  "in a browser: all of them by what they do, live, and why each ended; the link holds the token";

const terminal = openTerminal();
const { exitCode, lastLine } = await main();
process.exitCode = exitCode;
if (lastLine !== undefined) terminal.print(lastLine);

async function main(): Promise<End> {
  const signal = watchInterruptions();
  const asked = readOptions(process.argv.slice(2), process.env, projectRoot);
  if (asked.kind === "misuse") {
    terminal.complain(`${asked.why}\n\n${usage}`);
    return { exitCode: 2 };
  }
  if (asked.kind === "help") return { exitCode: 0, lastLine: usage };
  const closers = new Closers();
  const end = await start({ options: asked.options, closers, signal }).catch(toEnd);
  exitWithin(CLOSE_WITHIN_MS, end.exitCode === 0 ? 1 : end.exitCode);
  try {
    await closers.closeAll();
    return end;
  } catch (error) {
    terminal.complain(`not everything could be put away: ${messageOf(error)}`);
    return { ...end, exitCode: end.exitCode === 0 ? 1 : end.exitCode };
  }

  function toEnd(error: unknown): End {
    const { reason }: { readonly reason: unknown } = signal;
    if (reason instanceof Interruption) {
      terminal.complain(`Stopping (${reason.message}) …`);
      return { exitCode: reason.exitCode };
    }
    terminal.complain(messageOf(signal.aborted ? reason : error));
    return { exitCode: 1 };
  }
}

async function start({ options, closers, signal }: Start): Promise<End> {
  const { stateDir: dir, fresh, once, verbose, firstPort } = options;
  makeStateDir(dir);
  const claim = claimState(dir);
  if (claim.kind === "taken") {
    const { by } = claim;
    const where = by?.url == null ? "is about to start" : `already runs at ${by.url}`;
    terminal.complain(`Holt ${where} on this state (process ${by?.pid ?? "unknown"}, ${dir}).`);
    return { exitCode: 2 };
  }
  closers.add(claim.release);
  const startedAt = now();
  const log = verbose ? (line: string) => terminal.print(`  · ${line}`) : () => undefined;
  const { secrets, workerDir, temporaryDir } = openState(dir, fresh);
  closers.add(() => rm(temporaryDir, { recursive: true, force: true }));
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
  closers.add(standIns.close);
  const metricsFile = join(dir, "metrics.jsonl");
  const metrics = keepMetrics(metricsFile);
  signal.throwIfAborted();
  const jobs = planLoad(options.load, startedAt.toString(36));
  const tokens = [{ name: "local", sha256: sha256(secrets.token), scopes: ["dispatch"] }];
  const worker = await startWorkerProcess({
    root: projectRoot,
    workerDir,
    temporaryDir,
    configDir: join(dir, "config"),
    firstPort,
    variables: {
      HOLT_TOKENS: JSON.stringify(tokens),
      HOLT_SEALING_KEY: secrets.sealingKey,
      HOLT_ALLOWED_HOSTS: "127.0.0.1",
      HOLT_LOG_METRICS: "on",
      ...(jobs.length === 0 ? {} : { HOLT_MAX_LIVE_EXECUTIONS: String(slotsFor(jobs)) }),
    },
    env: standIns.engine.env,
    log: (line) => {
      metrics.take(line);
      log(line);
    },
    signal,
  });
  closers.add(worker.close);
  claim.announce(worker.url);
  const model = options.model ?? scriptedModel(standIns.model, secrets.modelToken);
  terminal.print(`Ready    after ${((now() - startedAt) / 1000).toFixed(1)} s`);
  terminal.print(`Address  ${worker.url}`);
  terminal.print(`Token    ${secrets.token}`);
  terminal.print(`Model    ${model.label}`);
  terminal.print(`Board    ${toPageUrl(worker.url, { board: "main", token: secrets.token })}`);
  terminal.print(terminal.paint("dim", `         ${jobs.length === 0 ? SAMPLE_BOARD : LOAD_BOARD}`));
  if (options.open) {
    const { isTerminal } = terminal;
    openBoard({ ...machine(), root: projectRoot, url: worker.url, token: secrets.token, isTerminal });
  }
  const show = (watch: AbortSignal): Promise<End> => {
    const { url } = worker;
    const parts = { secrets, standIns, model, temporaryDir, metrics, metricsFile, terminal, log, closers };
    const served = { url, ...parts, signal: watch };
    return jobs.length === 0 ? showSample(served) : showLoad(served, jobs, once);
  };
  const end = await whileServed(worker, signal, show);
  if (once) return end;
  terminal.print(`\nServing at ${worker.url}; Ctrl-C ends it.`);
  return whileServed(worker, signal, serveOn);
}

/** Ends what it does when the Worker does, with the Worker's last words. */
async function whileServed<T>(
  worker: WorkerProcess,
  signal: AbortSignal,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const died = new AbortController();
  const fail = async (): Promise<never> => {
    const error = new Error(`the Worker ended by itself:\n${await worker.ended}`);
    died.abort(error);
    throw error;
  };
  return Promise.race([act(AbortSignal.any([signal, died.signal])), fail()]);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
