import type { Card } from "../../../shared/board.ts";
import { type BoardState, emptyBoard, remove, tell } from "../../../worker/board/cards.ts";
import type { BoardPort, Clock } from "../../../worker/ports.ts";
import type { Activity } from "./activity.ts";

/** The board as one execution sees it: the real rules over memory, save for what a test orders. */
export class FakeBoard implements BoardPort {
  state: BoardState = emptyBoard;
  /** Every call that arrived, whatever became of it. */
  readonly told: (readonly Card[])[] = [];
  readonly removals: { readonly board: string; readonly through: number }[] = [];
  intervalMs = 2_000;
  /** Thrown at every call while it stands. */
  failure: Error | null = null;
  /** The call is carried out, and its answer lost, while it stands. */
  answerLost: Error | null = null;
  /** Every call waits for it, outside of what the object has under way. */
  until: Promise<void> | null = null;
  readonly #clock: Clock;
  readonly #activity: Activity;
  readonly #executionId: () => string;

  constructor(clock: Clock, activity: Activity, executionId: () => string) {
    this.#clock = clock;
    this.#activity = activity;
    this.#executionId = executionId;
  }

  readonly tell: BoardPort["tell"] = (_board, cards) => {
    this.told.push(cards);
    return this.#called(() => {
      this.state = tell(this.state, cards, this.#clock.now());
      return { intervalMs: this.intervalMs };
    });
  };

  readonly remove: BoardPort["remove"] = (board, through) => {
    this.removals.push({ board, through });
    return this.#called(() => {
      this.state = remove(this.state, this.#executionId(), through, this.#clock.now());
    });
  };

  get cards(): readonly Card[] {
    return [...this.state.cards.values()].map(({ card }) => card);
  }

  async #called<T>(act: () => T): Promise<T> {
    if (this.until !== null) await this.until;
    const call = async (): Promise<T> => {
      if (this.failure !== null) throw this.failure;
      const answer = act();
      if (this.answerLost !== null) throw this.answerLost;
      return answer;
    };
    return this.#activity.during(call());
  }
}
