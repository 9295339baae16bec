import { emptyLine, type Line, type Moved } from "../../../worker/admission/line.ts";
import { release, renew, request } from "../../../worker/admission/slots.ts";
import { sweep, tended } from "../../../worker/admission/visits.ts";
import type { Tended } from "../../../worker/execution/rpc.ts";

export const T0 = 4_000_000_000_000;
export const MINUTE = 60_000;

/** Plays one history through the line; each call happens `afterMs` after the one before. */
export class LineRun {
  line: Line;
  now = T0;
  /** All that was wanted, as `tell exec_1` or `tend exec_1`, since last asked for. */
  #wanted: string[] = [];

  constructor(max = 2) {
    this.line = emptyLine(max);
  }

  /** `nextMs`: how long after now the execution will act next. */
  request(executionId: string, afterMs = 0, nextMs = 30_000) {
    this.now += afterMs;
    return this.#take(request(this.line, executionId, this.now + nextMs, this.now)).answer;
  }

  renew(executionId: string, afterMs = 0, nextMs = 30_000): boolean {
    this.now += afterMs;
    return this.#take(renew(this.line, executionId, this.now + nextMs, this.now)).held;
  }

  /** `nextMs`: how long after now one that has work left will act next. */
  release(executionId: string, afterMs = 0, nextMs: number | null = null): void {
    this.now += afterMs;
    const nextDeadlineAt = nextMs === null ? null : this.now + nextMs;
    this.#take(release(this.line, executionId, { nextDeadlineAt, now: this.now }));
  }

  sweep(afterMs = 0): void {
    this.now += afterMs;
    this.#take(sweep(this.line, this.now));
  }

  /** An answer to the question that stands for this execution, unless `touch` names an older one. */
  tended(executionId: string, answer: Tended | null, touch = this.place(executionId).touch): void {
    this.#take(tended(this.line, { executionId, touch }, answer, this.now));
  }

  place(executionId: string) {
    const place = this.line.places.get(executionId);
    if (place === undefined) throw new Error(`${executionId} has no place`);
    return place;
  }

  wanted(): readonly string[] {
    const wanted = this.#wanted;
    this.#wanted = [];
    return wanted;
  }

  #take<T extends Moved>(moved: T): T {
    this.line = moved.line;
    this.#wanted.push(...moved.effects.map(({ kind, executionId }) => `${kind} ${executionId}`));
    return moved;
  }
}

export const alive: Tended = { live: true, nextDeadlineAt: null, destroyedMs: null };
export const gone: Tended = { live: false, nextDeadlineAt: null, destroyedMs: null };
