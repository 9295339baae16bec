import { DurableObject } from "cloudflare:workers";
import type { SlotAnswer } from "../ports.ts";
import { type AdmissionDeps, systemAdmissionDeps } from "./deps.ts";
import {
  emptyLine,
  type Line,
  type LineEffect,
  type Moved,
  nextAlarmAt,
  slotCount,
  waitingCount,
} from "./line.ts";
import { release, renew, request } from "./slots.ts";
import { sweep, tended } from "./visits.ts";
import { logLines } from "./log-lines.ts";
import { measureOrphan, measureSweep, statsOf } from "./stats.ts";
import type { AdmissionRpc, AdmissionStats, Asking, Giving } from "./rpc.ts";
import { LineStore } from "./store.ts";

/** The alarm handler arms this first: whatever happens in it, the object wakes again. */
const SAFETY_ALARM_MS = 30_000;
/** Executions asked at the same time. */
const ASKED_AT_ONCE = 10;

type Ask = Extract<LineEffect, { readonly kind: "tend" }>;

/** The line of one deployment: a shell round `line.ts` that writes before it answers, and asks what is overdue. */
export class Admission extends DurableObject<Env> implements AdmissionRpc {
  readonly #deps: AdmissionDeps;
  readonly #store: LineStore;
  #line: Line;
  /** A cache of what the alarm is set to. */
  #alarmAt: number | null = null;

  constructor(ctx: DurableObjectState, env: Env, deps: AdmissionDeps = systemAdmissionDeps(env)) {
    super(ctx, env);
    this.#deps = deps;
    this.#store = new LineStore(ctx.storage);
    const { unreadable, ...loaded } = this.#store.load(deps.clock.now());
    this.#line = { ...emptyLine(deps.max), ...loaded };
    if (unreadable > 0) deps.log.write("error", "admission.rows-unreadable", { unreadable });
    void ctx.blockConcurrencyWhile(() => this.#rearm());
  }

  async request({ executionId, nextDeadlineAt }: Asking): Promise<SlotAnswer> {
    const moved = request(this.#line, executionId, nextDeadlineAt, this.#deps.clock.now());
    this.#take(moved);
    return moved.answer;
  }

  async renew({ executionId, nextDeadlineAt }: Asking): Promise<boolean> {
    const moved = renew(this.#line, executionId, nextDeadlineAt, this.#deps.clock.now());
    this.#take(moved);
    return moved.held;
  }

  async release({ executionId, nextDeadlineAt }: Giving): Promise<void> {
    this.#take(release(this.#line, executionId, { nextDeadlineAt, now: this.#deps.clock.now() }));
  }

  async sweep(): Promise<void> {
    // Called from outside: the alarm may be what is missing.
    await this.#rearm();
    await this.#sweep("cron");
  }

  async stats(): Promise<AdmissionStats> {
    return statsOf(this.#line, this.#deps.clock.now());
  }

  /** Never throws, since six throws make the platform drop the alarm for good. */
  override async alarm(): Promise<void> {
    try {
      // Not cached: the sweep puts the exact one in its place.
      this.#alarmAt = null;
      await this.ctx.storage.setAlarm(this.#deps.clock.now() + SAFETY_ALARM_MS);
      await this.#sweep("alarm");
      if (nextAlarmAt(this.#line) !== null) return;
      this.#alarmAt = null;
      await this.ctx.storage.deleteAlarm();
    } catch (error) {
      this.#deps.log.write("error", "alarm.failed", { object: "admission", error });
    }
  }

  /** State, rows and alarm in one go with no await between; then what the step wants done. */
  #take({ line, effects }: Moved): readonly Ask[] {
    const before = this.#line;
    this.#store.commit(before, line);
    this.#line = line;
    this.#arm();
    for (const { level, event, about, fields } of logLines(before, line, this.#deps.clock.now())) {
      this.#deps.log.child(about).write(level, event, fields);
    }
    const asks: Ask[] = [];
    for (const effect of effects) {
      if (effect.kind === "tend") asks.push(effect);
      else this.ctx.waitUntil(this.#tell(effect.executionId));
    }
    return asks;
  }

  /** Asks inside the handler that called it, a few at a time: an event under way keeps the object in memory. */
  async #sweep(by: "alarm" | "cron"): Promise<void> {
    const { clock, metrics } = this.#deps;
    const before = this.#line;
    const asks = [...this.#take(sweep(before, clock.now()))];
    if (asks.length > 0) await this.#ask(asks, by);
    metrics.write(measureSweep(before, this.#line, clock.now()));
  }

  async #ask(asks: Ask[], by: "alarm" | "cron"): Promise<void> {
    const before = this.#line;
    const asked = asks.length;
    const work = async (): Promise<void> => {
      for (let ask = asks.shift(); ask !== undefined; ask = asks.shift()) await this.#tend(ask);
    };
    await Promise.all(Array.from({ length: ASKED_AT_ONCE }, work));
    const { totals } = this.#line;
    this.#deps.log.write("info", "sweep.done", {
      by,
      asked,
      failed: totals.failed - before.totals.failed,
      orphans: totals.orphans - before.totals.orphans,
      live: slotCount(this.#line),
      waiting: waitingCount(this.#line),
    });
  }

  /** One execution that does not answer, or answers nonsense, keeps no other from being asked. */
  async #tend(ask: Ask): Promise<void> {
    const { clock, executions, log, metrics } = this.#deps;
    const { executionId } = ask;
    try {
      const answer = await executions.tend(executionId).catch((error: unknown) => {
        log.write("warn", "sweep.unanswered", { executionId, error });
        return null;
      });
      if (answer?.destroyedMs != null) {
        log.write("warn", "orphan.destroyed", { executionId, orphanMs: answer.destroyedMs });
        metrics.write(measureOrphan(executionId, answer.destroyedMs));
      }
      this.#take(tended(this.#line, ask, answer, clock.now()));
    } catch (error) {
      log.write("error", "sweep.failed", { executionId, error });
    }
  }

  async #tell(executionId: string): Promise<void> {
    try {
      await this.#deps.executions.granted(executionId);
    } catch (error) {
      this.#deps.log.write("warn", "slot.untold", { executionId, error });
    }
  }

  async #rearm(): Promise<void> {
    this.#alarmAt = await this.ctx.storage.getAlarm();
    this.#arm();
  }

  /** An alarm that comes too early only looks again, so a renewal does not move it; one that is overdue is set anew. */
  #arm(): void {
    const now = this.#deps.clock.now();
    const next = nextAlarmAt(this.#line);
    if (next === null) return;
    const at = Math.max(next, now + 1);
    if (this.#alarmAt !== null && this.#alarmAt > now && this.#alarmAt <= at) return;
    this.#alarmAt = at;
    void this.ctx.storage.setAlarm(at);
  }
}
