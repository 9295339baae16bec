import type { Card } from "../../shared/board.ts";
import { type BoardState, tell } from "../../worker/board/cards.ts";
import { firstPace, heard, type Pace, newsOf, type ToldJobs } from "../../worker/execution/board/news.ts";
import type { ExecutionState } from "../../worker/execution/state.ts";

/** An execution's side of a board: what the object does with what `newsOf` says. */
export class Mouth {
  told: ToldJobs = new Map();
  pace: Pace = firstPace;
  readonly calls: (readonly Card[])[] = [];

  /** Looks once; `arrives` and `answered` are how the call goes. */
  look(
    state: ExecutionState,
    now: number,
    board: BoardState,
    call = { arrives: true, answered: true },
  ): BoardState {
    const due = newsOf(state, this.told, this.pace, now);
    if (due.kind !== "now") return board;
    const cards = due.news.map(({ card }) => card);
    this.calls.push(cards);
    const after = call.arrives ? tell(board, cards, now) : board;
    if (call.arrives && call.answered) {
      this.told = heard(this.told, due.news);
      this.pace = { ...this.pace, lastAt: now, failures: 0 };
    } else this.pace = { ...this.pace, lastAt: now, failures: this.pace.failures + 1 };
    return after;
  }

  /** When it would look again. */
  next(state: ExecutionState, now: number): number | null {
    const due = newsOf(state, this.told, this.pace, now);
    if (due.kind === "nothing") return null;
    return due.kind === "now" ? now : due.at;
  }
}
