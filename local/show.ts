/** What a start does once the Worker answers: one execution of the sample, or a load. */
import { once as onceEmitted } from "node:events";
import type { JobView } from "../shared/job-view.ts";
import type { Closers } from "./closers.ts";
import { runDemo } from "./demo.ts";
import type { PlannedJob } from "./load/plan.ts";
import { runLoad } from "./load/run-load.ts";
import type { LocalMetrics } from "./metrics.ts";
import type { DemoModel } from "./real-model.ts";
import type { StandIns } from "./stand-ins.ts";
import type { Secrets } from "./state.ts";
import type { Terminal } from "./system.ts";

/** How a start ends: with an exit code, and a line that is printed when everything is put away. */
export type End = { readonly exitCode: number; readonly lastLine?: string };

export type Served = {
  readonly url: string;
  readonly secrets: Secrets;
  readonly standIns: StandIns;
  readonly model: DemoModel;
  /** This start's own. */
  readonly temporaryDir: string;
  readonly metrics: LocalMetrics;
  readonly metricsFile: string;
  readonly terminal: Terminal;
  readonly log: (line: string) => void;
  readonly closers: Closers;
  readonly signal: AbortSignal;
};

/** One real execution, and what it measured. */
export async function showSample(served: Served): Promise<End> {
  const { url, secrets, standIns, model, metrics, metricsFile, terminal, signal } = served;
  const { token, gitToken } = secrets;
  const view = await runDemo({ url, token, standIns, model, gitToken, terminal, signal });
  for (const line of summarize(view)) terminal.print(line);
  const measured = metrics.summarize(view.executionId);
  if (measured !== null) terminal.print(`Metrics  ${measured}\n         all of them in ${metricsFile}`);
  return { exitCode: isSuccess(view) ? 0 : 1, lastLine: JSON.stringify(view) };
}

/** Many of them, of all fates; `once` waits until none of them lives. */
export async function showLoad(served: Served, jobs: readonly PlannedJob[], once: boolean): Promise<End> {
  const { url, secrets, standIns, temporaryDir: dir, terminal, log, closers, signal } = served;
  const surprises = await runLoad({
    url,
    token: secrets.token,
    standIns,
    secrets: { git: secrets.gitToken, model: secrets.modelToken },
    dir,
    jobs,
    once,
    terminal,
    log,
    keep: (close) => closers.add(close),
    signal,
  });
  return { exitCode: surprises === 0 ? 0 : 1 };
}

/** Serves until the signal. */
export async function serveOn(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await onceEmitted(signal, "abort");
  throw signal.reason;
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
