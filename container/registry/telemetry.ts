import type { FollowUp, Progress } from "../../shared/job-result.ts";
import { type LastTool, type PhaseTimings, isAgentPhase } from "../../shared/watchdogs.ts";
import type { EventBody } from "../beats/outbox.ts";
import type { JobReport } from "../job-context.ts";
import type { Clock } from "../ports.ts";
import { fitFollowUp, fitProgress, fitText, fitUsage, fitWord } from "./fit.ts";
import { Reel } from "./reel.ts";

/** A finished tool call as pollers read it; `seq` is dense from 1 within the attempt. */
export type ToolSpan = {
  readonly tool: string;
  readonly seq: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly ok: boolean;
};

export type Drained = { readonly spans: readonly ToolSpan[]; readonly followUps: readonly FollowUp[] };

export type TelemetryOptions = {
  readonly clock: Clock;
  readonly redact: (text: string) => string;
  /** Takes every event, already redacted and within its limits. */
  readonly emit: (event: EventBody) => void;
};

/** What is kept for pollers; the newest stay. */
const SPANS_KEPT = 1_000;
const FOLLOW_UPS_KEPT = 200;
const FOLLOW_UP_CHARS_KEPT = 512 * 1024;
const OPEN_CALLS_KEPT = 1_000;
const PHASES_KEPT = 50;

/** What is known of a job's work at this moment, bounded by its largest record. */
export class Telemetry {
  readonly report: JobReport;
  readonly startedAt: number;
  heartbeatAt: number;
  phase = "starting";
  progress: Progress | undefined;
  readonly #options: TelemetryOptions;
  readonly #timings = new Map<string, number>([["starting", 0]]);
  readonly #openCalls = new Map<string, { readonly startedAt: number; readonly argsSummary?: string }>();
  #phaseStartedAt: number;
  #outputAt: number | null = null;
  #lastTool: { readonly name: string; readonly at: number } | null = null;
  readonly #spans = new Reel<ToolSpan>({ maxItems: SPANS_KEPT, maxChars: Infinity, charsOf: () => 0 });
  readonly #followUps = new Reel<FollowUp>({
    maxItems: FOLLOW_UPS_KEPT,
    maxChars: FOLLOW_UP_CHARS_KEPT,
    charsOf: ({ title, detail, suggestedAction = "" }) =>
      title.length + detail.length + suggestedAction.length,
  });

  constructor(options: TelemetryOptions) {
    this.#options = options;
    this.startedAt = options.clock.now();
    this.heartbeatAt = this.startedAt;
    this.#phaseStartedAt = this.startedAt;
    this.report = this.#makeReport();
  }

  outputAgeMs(): number | null {
    return this.#outputAt === null ? null : this.#sinceMs(this.#outputAt);
  }

  toolAgeMs(): number | null {
    return this.#lastTool === null ? null : this.#sinceMs(this.#lastTool.at);
  }

  lastTool(): LastTool {
    return this.#lastTool && { name: this.#lastTool.name, ageMs: this.#sinceMs(this.#lastTool.at) };
  }

  /** Since the agent was last heard of, or was given the work, whichever is later. */
  silentMs(): number {
    return this.#sinceMs(Math.max(this.#outputAt ?? 0, this.#phaseStartedAt));
  }

  /** Since a tool call last finished, or the agent was given the work, and whether it was heard of since. */
  toolIdle(): { readonly idleMs: number; readonly hasPrinted: boolean } {
    const since = Math.max(this.#lastTool?.at ?? 0, this.#phaseStartedAt);
    return { idleMs: this.#sinceMs(since), hasPrinted: (this.#outputAt ?? 0) > since };
  }

  /** Since the phase began. */
  phaseMs(): number {
    return this.#sinceMs(this.#phaseStartedAt);
  }

  elapsedMs(): number {
    return this.#sinceMs(this.startedAt);
  }

  timings(): PhaseTimings {
    const timings = new Map(this.#timings);
    timings.set(this.phase, (timings.get(this.phase) ?? 0) + this.#sinceMs(this.#phaseStartedAt));
    return [...timings];
  }

  /** The last moment and phase of a job; nothing is timed any more. */
  end(phase: "done" | "failed"): void {
    this.phase = phase;
    this.heartbeatAt = this.#options.clock.now();
    this.#openCalls.clear();
  }

  /** Hands over what came in since the last call. */
  drain(): Drained {
    return { spans: this.#spans.drain(), followUps: this.#followUps.drain() };
  }

  /** What came in after `cursor`, however often it is asked for. Null for what is no cursor. */
  after(cursor: string): (Drained & { readonly cursor: string; readonly missed: number }) | null {
    const [, spansSeen, followUpsSeen = "0"] = cursorForm.exec(cursor) ?? [];
    if (spansSeen === undefined) return null;
    const spans = this.#spans.after(Number(spansSeen));
    const followUps = this.#followUps.after(Number(followUpsSeen));
    return {
      spans: spans.items,
      followUps: followUps.items,
      missed: spans.missed + followUps.missed,
      cursor: `${this.#spans.count}.${this.#followUps.count}`,
    };
  }

  #makeReport(): JobReport {
    const { redact, emit } = this.#options;
    return {
      phase: (phase) => this.#enter(fitWord(phase, 60, redact)),
      activity: () => this.#active(),
      output: (stream, text) => {
        if (stream !== "harness") this.#active();
        emit({ kind: "output", stream, text: fitText(text, redact) });
      },
      toolStart: (tool, callId, argsSummary) => this.#startTool(tool, callId, argsSummary),
      toolEnd: (tool, callId, ok) => this.#endTool(tool, callId, ok),
      progress: (progress) => {
        this.progress = fitProgress(progress, redact);
        emit({ kind: "progress", progress: this.progress });
      },
      usage: (usage) => emit({ kind: "usage", ...fitUsage(usage, redact) }),
      followUp: (followUp) => {
        const fitted = fitFollowUp(followUp, redact);
        this.#followUps.push(fitted);
        emit({ kind: "follow-up", followUp: fitted });
      },
      note: (code, text) =>
        emit({ kind: "note", code: fitWord(code, 60, redact), text: fitText(text, redact) }),
    };
  }

  #enter(phase: string): void {
    if (phase === this.phase) return;
    const left = (this.#timings.get(this.phase) ?? 0) + this.#sinceMs(this.#phaseStartedAt);
    if (this.#timings.has(this.phase) || this.#timings.size < PHASES_KEPT)
      this.#timings.set(this.phase, left);
    this.phase = phase;
    this.#phaseStartedAt = this.#options.clock.now();
    this.#options.emit({ kind: "phase", phase });
  }

  #active(): void {
    this.#outputAt = this.#options.clock.now();
    this.heartbeatAt = this.#outputAt;
  }

  #startTool(tool: string, callId: string, argsSummary: string | undefined): void {
    const { redact, emit, clock } = this.#options;
    this.#active();
    const id = fitWord(callId, 200, redact);
    const summary = argsSummary === undefined ? {} : { argsSummary: fitWord(argsSummary, 500, redact) };
    if (this.#openCalls.size >= OPEN_CALLS_KEPT) this.#openCalls.clear();
    this.#openCalls.set(id, { startedAt: clock.now(), ...summary });
    emit({ kind: "tool-start", tool: fitWord(tool, 200, redact), callId: id, ...summary });
  }

  #endTool(tool: string, callId: string, ok: boolean): void {
    const { redact, emit, clock } = this.#options;
    this.#active();
    const id = fitWord(callId, 200, redact);
    const name = fitWord(tool, 200, redact);
    const endedAt = clock.now();
    const { startedAt = endedAt, ...summary } = this.#openCalls.get(id) ?? {};
    this.#openCalls.delete(id);
    this.#lastTool = { name, at: endedAt };
    this.#spans.push({ tool: name, seq: this.#spans.count + 1, startedAt, endedAt, ok });
    const durationMs = Math.max(0, Math.round(endedAt - startedAt));
    emit({ kind: "tool-end", tool: name, callId: id, ok, durationMs, ...summary });
  }

  #sinceMs(at: number): number {
    return Math.max(0, Math.round(this.#options.clock.now() - at));
  }
}

/** How many spans, then how many follow-ups have been seen; `0` for none. */
const cursorForm = /^(\d{1,15})(?:\.(\d{1,15}))?$/;

/** Whether the agent is at work, which is when its silence counts. */
export function agentWorks(telemetry: Telemetry): boolean {
  return isAgentPhase(telemetry.phase);
}
