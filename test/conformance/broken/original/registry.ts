/** Jobs in memory for good: one watchdog each for silence and duration, spans and follow-ups drained by every read. */

import type { Fields } from "./body.ts";
import { redact } from "./program.ts";

export type Reporter = {
  readonly signal: AbortSignal;
  readonly activity: () => void;
  readonly phase: (name: string) => void;
  readonly span: (tool: string, ok: boolean) => void;
  readonly progress: (progress: object) => void;
  readonly followUp: (followUp: object) => void;
};

export type Work = (job: Fields, reporter: Reporter) => Promise<Fields>;

export type Limits = { readonly inactivityMs: number; readonly maxDurationMs: number };

type Entry = {
  readonly view: Record<string, unknown>;
  spans: object[];
  followUps: object[];
};

export class Registry {
  readonly #entries = new Map<string, Entry>();
  readonly #limits: Limits;
  readonly #work: Work;

  constructor(limits: Limits, work: Work) {
    this.#limits = limits;
    this.#work = work;
  }

  /** Attaches to what is known, ended or not. */
  start(id: string, job: Fields): unknown {
    const known = this.#entries.get(id);
    if (known !== undefined) return known.view["state"];
    const now = Date.now();
    const view = { id, state: "running", startedAt: now, heartbeatAt: now, phase: "starting" };
    const entry: Entry = { view, spans: [], followUps: [] };
    this.#entries.set(id, entry);
    void this.#carryOut(entry, job);
    return view.state;
  }

  read(id: string): Fields | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    const { view, spans, followUps } = entry;
    entry.spans = [];
    entry.followUps = [];
    return {
      ...view,
      ...(spans.length > 0 && { spans }),
      ...(followUps.length > 0 && { followUps }),
    };
  }

  async #carryOut(entry: Entry, job: Fields): Promise<void> {
    const { view } = entry;
    const { inactivityMs, maxDurationMs } = this.#limits;
    const abort = new AbortController();
    const timings = new Map<string, number>();
    let phaseAt = Date.now();
    let spanAt = phaseAt;
    let lastTool: { readonly name: string; readonly at: number } | null = null;
    const fired: { first: { readonly cause: string; readonly text: string } | null } = { first: null };
    const since = (at: number): number => Math.round((Date.now() - at) / 1_000);
    const crumb = (): string =>
      lastTool === null
        ? "no tool had completed yet"
        : `last completed tool ${lastTool.name} ${since(lastTool.at)}s ago`;
    const enter = (name: string): void => {
      const phase = String(view["phase"]);
      timings.set(phase, (timings.get(phase) ?? 0) + Date.now() - phaseAt);
      phaseAt = Date.now();
      view["phase"] = name;
    };
    const fire = (cause: string, text: string): void => {
      fired.first ??= { cause, text };
      abort.abort();
    };
    const silence = (): void =>
      fire(
        "inactivity-timeout",
        `Aborted: no agent activity for ${Math.round(inactivityMs / 1_000)}s (likely hung in ${String(view["phase"])} phase; ${crumb()})`,
      );
    let quiet = setTimeout(silence, inactivityMs);
    const total = setTimeout(() => {
      fire("max-duration", `Aborted: exceeded max duration of ${Math.round(maxDurationMs / 1_000)}s`);
    }, maxDurationMs);
    const reporter: Reporter = {
      signal: abort.signal,
      activity: () => {
        view["heartbeatAt"] = Date.now();
        clearTimeout(quiet);
        quiet = setTimeout(silence, inactivityMs);
      },
      phase: enter,
      span: (tool, ok) => {
        const endedAt = Date.now();
        entry.spans.push({ tool, startedAt: spanAt, endedAt, ok });
        spanAt = endedAt;
        lastTool = { name: tool, at: endedAt };
      },
      progress: (progress) => (view["progress"] = progress),
      followUp: (followUp) => entry.followUps.push(followUp),
    };
    try {
      const result = await this.#work(job, reporter);
      const { error, failureCause } = result;
      Object.assign(view, { state: "done", phase: "done", result });
      if (error !== undefined && failureCause !== undefined) view["failureCause"] = failureCause;
    } catch (error) {
      const phase = String(view["phase"]);
      enter("failed");
      const told = fired.first;
      const message = error instanceof Error ? error.message : String(error);
      const cause: unknown =
        typeof error === "object" && error !== null ? Reflect.get(error, "failureCause") : undefined;
      const times = [...timings].map(([name, ms]) => `${name}=${Math.round(ms / 1_000)}s`).join(", ");
      const where = told === null ? `Failed in ${phase} phase; ${crumb()}` : crumb();
      view["state"] = "failed";
      view["error"] = redact(told?.text ?? message);
      view["failureCause"] = told?.cause ?? cause ?? "agent";
      view["detail"] = redact(`Phase timings: ${times}. ${where}.`);
    } finally {
      clearTimeout(quiet);
      clearTimeout(total);
      view["heartbeatAt"] = Date.now();
    }
  }
}
