/**
 * `npm start`: the Worker in workerd, containers as processes of this machine, and one real execution at once; then it
 * serves until it is interrupted. Whatever ends it, it puts away what it started.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { JobView } from "../shared/job-view.ts";
import { claimState } from "./claim.ts";
import { Closers } from "./closers.ts";
import { runDemo } from "./demo.ts";
import { keepMetrics } from "./metrics.ts";
import { fixFailingTest } from "./model/fix-failing-test.ts";
import { readOptions, type StartOptions, usage } from "./options.ts";
import { scriptedModel } from "./real-model.ts";
import { projectRoot, startStandIns } from "./stand-ins.ts";
import { makeStateDir, openState } from "./state.ts";
import { exitWithin, Interruption, now, openTerminal, watchInterruptions } from "./system.ts";
import { startWorkerProcess, type WorkerProcess } from "./worker-process.ts";

/** How a start ends: with an exit code, and a line that is printed when everything is put away. */
type End = { readonly exitCode: number; readonly lastLine?: string };

type Start = {
  readonly options: StartOptions;
  readonly closers: Closers;
  readonly signal: AbortSignal;
};

/** After this long what we started is put away by its guards. */
const CLOSE_WITHIN_MS = 20_000;

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
  const { stateDir: dir, fresh, once: onlyOnce, verbose, firstPort } = options;
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
  const view = await whileServed(worker, signal, (watch) =>
    runDemo({
      url: worker.url,
      token: secrets.token,
      standIns,
      model,
      gitToken: secrets.gitToken,
      terminal,
      signal: watch,
    }),
  );
  for (const line of summarize(view)) terminal.print(line);
  const measured = metrics.summarize(view.executionId);
  if (measured !== null) terminal.print(`Metrics  ${measured}\n         all of them in ${metricsFile}`);
  if (onlyOnce) return { exitCode: isSuccess(view) ? 0 : 1, lastLine: JSON.stringify(view) };
  terminal.print(`\nServing at ${worker.url}; Ctrl-C ends it.`);
  await whileServed(worker, signal, (watch) => once(watch, "abort"));
  throw signal.reason;
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

function isSuccess(view: JobView): boolean {
  return view.state === "done" && view.result?.error === undefined && view.result?.pushed === true;
}

function summarize(view: JobView): readonly string[] {
  const { result } = view;
  if (!isSuccess(view))
    return [`\nThe execution failed: ${view.error ?? result?.error ?? "nothing was pushed"}`];
  const took = ((view.asOf - view.startedAt) / 1000).toFixed(1);
  return [`\nDone in ${took} s`, `Branch   ${result?.branch ?? ""}`, `Pull     ${result?.prUrl ?? ""}`];
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
