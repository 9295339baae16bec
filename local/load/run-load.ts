/** `npm start -- --load N`: the load, told in the terminal. */
import type { StandIns } from "../stand-ins.ts";
import { now, type Terminal } from "../system.ts";
import { type PlannedJob, slotsFor } from "./plan.ts";
import { beyondLines, fateTable, settledLine, surpriseCount, tallyLine } from "./report.ts";
import { type Load, startLoad } from "./start-load.ts";
import { STILL_MS } from "./stillness.ts";

export type RunLoadOptions = {
  readonly url: string;
  readonly token: string;
  readonly standIns: StandIns;
  readonly secrets: { readonly git: string; readonly model: string };
  /** Belongs to the load. */
  readonly dir: string;
  readonly jobs: readonly PlannedJob[];
  /** Cancels what stays, and waits until everything has ended. */
  readonly once: boolean;
  readonly terminal: Terminal;
  readonly log: (line: string) => void;
  /** Called with what has to be closed at the end. */
  readonly keep: (close: () => Promise<void>) => void;
  readonly signal: AbortSignal;
};

/** Of the scripted model: so that people can follow what it does. */
const PACE_MS = 700;

/** Resolves when every job has come to its fate or to another, with how many came to another. */
export async function runLoad(options: RunLoadOptions): Promise<number> {
  const { url, token, standIns, secrets, dir, jobs, once, terminal, log, keep, signal } = options;
  const startedAt = now();
  terminal.print(loadLine(jobs));
  const { engine } = standIns;
  const load = await startLoad({
    url,
    token,
    engine,
    secrets,
    dir,
    jobs,
    paceMs: PACE_MS,
    log,
    signal,
    // People may stretch a deadline as they like.
    ...(once && { stillMs: STILL_MS }),
  });
  keep(load.close);
  const stop = tellAsItGoes(load, startedAt, terminal);
  try {
    await untilAborted(load.settled, signal);
    if (once) {
      terminal.print(
        terminal.paint("dim", "Every job has come to something; what still lives is cancelled."),
      );
      await untilAborted(load.finish(), signal);
    }
  } finally {
    stop();
  }
  const standing = load.standing();
  for (const line of ["", ...fateTable(standing, terminal.paint), ...beyondLines(terminal.paint)])
    terminal.print(line);
  const surprises = surpriseCount(standing);
  const seconds = ((now() - startedAt) / 1000).toFixed(0);
  const text = surprises === 0 ? "all as their fates say" : `${surprises} otherwise than their fates say`;
  terminal.print(`\n${jobs.length} jobs in ${seconds} s: ${text}.`);
  return surprises;
}

function loadLine(jobs: readonly PlannedJob[]): string {
  const kinds = new Set(jobs.map(({ fate }) => fate)).size;
  return `Load     ${jobs.length} jobs of ${kinds} fates, ${slotsFor(jobs)} live at a time; models and git hosts are stand-ins\n`;
}

/** A line for each job when it is known what it has come to, and below them how far all are. */
function tellAsItGoes(load: Load, startedAt: number, terminal: Terminal): () => void {
  const told = new Map<string, string>();
  const tell = (): void => {
    const standing = load.standing();
    for (const each of standing) {
      const { job, verdict } = each;
      if (verdict.kind === "pending" || told.get(job.jobId) === verdict.got) continue;
      told.set(job.jobId, verdict.got);
      terminal.print(settledLine(each, now() - startedAt, terminal.paint));
    }
    terminal.hint(`         ${tallyLine(standing)}`);
  };
  tell();
  return load.onChange(tell);
}

/** Whoever is interrupted waits no longer. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const give = (): void => reject(signal.reason);
  signal.addEventListener("abort", give, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", give);
  }
}
