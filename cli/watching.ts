/** Shows a job until it ends: `holt watch`, `dispatch --wait` and `cancel --wait`. */
import type { JobView } from "../shared/job-view.ts";
import { toPlainJson } from "../shared/plain-text.ts";
import { followJob, isAbout, type Step } from "./follow.ts";
import { openScreen } from "./screen.ts";
import type { Api } from "./server.ts";
import type { Io } from "./system.ts";
import { type JobTarget, nameOf } from "./target.ts";
import { createEventLines } from "./text/event-lines.ts";
import { endText } from "./text/job-text.ts";
import { liveBlock, type Live } from "./text/live-block.ts";

export type WatchOptions = {
  readonly api: Api;
  readonly io: Io;
  readonly job: JobTarget;
  readonly after: number;
  readonly patienceMs: number;
  readonly json: "lines" | "end" | "none";
  /** What a person is told who leaves before the end. */
  readonly onLeaving: string;
};

export function goesOn(job: JobTarget): string {
  return `Stopped watching; the job goes on. \`holt cancel ${nameOf(job)}\` ends it.`;
}

const REDRAW_MS = 1_000;
export const PATIENCE_MS = 120_000;

/** The view of the end; what was seen on the way stands on the screen, or as lines of JSON. */
export function watchJob(options: WatchOptions): Promise<JobView> {
  return options.json === "none" ? watchForPeople(options) : watchForPrograms(options);
}

async function watchForPeople({ io, ...options }: WatchOptions): Promise<JobView> {
  const { paint } = io.out;
  const screen = openScreen(io);
  const lines = createEventLines(paint);
  let live: Live | null = null;
  const draw = (): void => {
    if (live !== null) screen.show(liveBlock({ ...live, calls: lines.calls() }, io.now(), paint));
  };
  const take = (step: Step): void => {
    if (step.kind === "view") live = { ...step, calls: [], lost: null };
    else if (step.kind === "entries") screen.print(printed(step));
    else {
      if (live?.lost === null && !io.out.canRewrite) io.complain(`holt: ${step.failure.error}; trying again`);
      if (live !== null) live = { ...live, lost: step };
    }
  };
  const printed = ({ entries }: Step & { readonly kind: "entries" }): readonly string[] =>
    entries.flatMap((entry) => (live === null || !isAbout(entry, live.view) ? [] : lines.add(entry)));
  const stop = io.every(REDRAW_MS, draw);
  try {
    const view = await drive({ io, ...options }, (step) => {
      take(step);
      draw();
    });
    screen.close();
    screen.print(["", ...endText(view, paint)]);
    return view;
  } catch (error) {
    if (io.signal.aborted) {
      screen.close();
      io.complain(options.onLeaving);
    }
    throw error;
  } finally {
    stop();
    screen.close();
  }
}

async function watchForPrograms({ io, json, ...options }: WatchOptions): Promise<JobView> {
  const write = (value: unknown): unknown => io.out.write(`${toPlainJson(value)}\n`);
  let view: JobView | null = null;
  const end = await drive({ io, ...options }, (step) => {
    if (step.kind === "view") ({ view } = step);
    if (step.kind !== "entries" || json !== "lines") return;
    for (const entry of step.entries) if (view !== null && isAbout(entry, view)) write(entry);
  });
  write(json === "lines" ? { kind: "end", job: end } : end);
  return end;
}

async function drive(options: Omit<WatchOptions, "json">, take: (step: Step) => void): Promise<JobView> {
  const steps = followJob(options);
  for (;;) {
    const next = await steps.next();
    if (next.done === true) return next.value;
    // A request that was given up looks like a lost connection.
    options.io.signal.throwIfAborted();
    take(next.value);
  }
}
