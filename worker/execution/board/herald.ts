import type { Card } from "../../../shared/board.ts";
import { Limits } from "../../../shared/limits.ts";
import type { BoardPort, Clock, Log, Timer } from "../../ports.ts";
import type { ExecutionState } from "../state.ts";
import { firstPace, heard, type News, type Pace, newsOf, type ToldJobs } from "./news.ts";

export type HeraldDeps = {
  readonly state: () => ExecutionState | null;
  readonly board: BoardPort;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly log: Log;
  readonly background: (work: Promise<void>) => void;
  /** The pull request that a job's result, which the state does not hold, tells of. */
  readonly prUrlOf: (jobId: string, round: number) => string | null;
  /** What the board had when this incarnation began. */
  readonly load: () => ToldJobs;
  readonly keep: (told: ToldJobs) => void;
  /** `dueAt` has moved. */
  readonly moved: () => void;
};

/** A call that has not come back by then died with its incarnation. */
const LOST_CALL_MS = 30_000;

/**
 * Tells the execution's board what its jobs are, one call at a time. Nothing waits for it: a board that does not answer
 * is tried again by the alarm.
 */
export class Herald {
  readonly #deps: HeraldDeps;
  #told: ToldJobs;
  #pace: Pace = firstPace;
  #isTelling = false;
  #isPaused = false;
  #dueAt: number | null = null;

  constructor(deps: HeraldDeps) {
    this.#deps = deps;
    this.#told = deps.load();
  }

  /** When the alarm is to look again; null where nothing depends on it. */
  get dueAt(): number | null {
    return this.#dueAt;
  }

  /** Looks for news, and tells them where it is time. Never throws: what fails here is the board's alone. */
  look(): void {
    const { background, clock, log, state: stateOf } = this.#deps;
    try {
      const state = stateOf();
      if (state === null || this.#isTelling) return;
      const now = clock.now();
      const due = newsOf(state, this.#told, this.#pace, now);
      this.#dueAt = null;
      if (due.kind === "nothing") return;
      if (due.kind === "now") {
        this.#isTelling = true;
        this.#dueAt = now + LOST_CALL_MS;
        background(this.#tell(state.board, due.news, now));
      } else if (due.isProgress) void this.#lookAfter(due.at - now);
      else this.#dueAt = due.at;
    } catch (error) {
      log.write("error", "herald.failed", { error });
    }
  }

  async #tell(board: string, news: readonly News[], now: number): Promise<void> {
    const { board: port, keep, log } = this.#deps;
    try {
      const cards = news.map(({ card }) => this.#withPullRequest(card));
      const { intervalMs } = await port.tell(board, cards);
      this.#pace = { intervalMs, lastAt: now, failures: 0 };
      keep(heard(new Map(), news));
      this.#told = heard(this.#told, news);
    } catch (error) {
      const failures = this.#pace.failures + 1;
      this.#pace = { ...this.#pace, lastAt: this.#deps.clock.now(), failures };
      log.write("warn", "board.untold", { board, cards: news.length, failures, error });
    }
    this.#isTelling = false;
    this.#again();
  }

  #withPullRequest(card: Card): Card {
    if (card.endedAt === null) return card;
    const prUrl = this.#deps.prUrlOf(card.jobId, card.round);
    // Cut, an address leads elsewhere.
    return prUrl === null || prUrl.length > Limits.cardTextChars ? card : { ...card, prUrl };
  }

  /** Not by the alarm, which costs a row each time: what it would tell goes with any later change too. */
  async #lookAfter(ms: number): Promise<void> {
    if (this.#isPaused) return;
    this.#isPaused = true;
    await this.#deps.timer.sleep(ms);
    this.#isPaused = false;
    this.#again();
  }

  #again(): void {
    this.look();
    try {
      this.#deps.moved();
    } catch (error) {
      this.#deps.log.write("error", "herald.failed", { error });
    }
  }
}
