import { DurableObject } from "cloudflare:workers";
import type { Card } from "../../shared/board.ts";
import { Changes } from "../changes.ts";
import { type BoardState, remove, tell } from "./cards.ts";
import { type BoardDeps, systemBoardDeps } from "./deps.ts";
import { hasNews, intervalOf, pageOf } from "./page.ts";
import type { BoardRead, BoardRpc } from "./rpc.ts";
import { CardStore } from "./store.ts";

/**
 * One board: a shell round `cards.ts` that writes before it answers. It has no alarm and calls nobody, so a board that is
 * looked at all day wakes no execution.
 */
export class Board extends DurableObject<Env> implements BoardRpc {
  readonly #deps: BoardDeps;
  readonly #store: CardStore;
  readonly #changes: Changes;
  #state: BoardState;

  constructor(ctx: DurableObjectState, env: Env, deps: BoardDeps = systemBoardDeps) {
    super(ctx, env);
    this.#deps = deps;
    this.#changes = new Changes(deps.timer);
    this.#store = new CardStore(ctx.storage);
    const { state, unreadable } = this.#store.load();
    this.#state = state;
    if (unreadable > 0) deps.log.write("error", "board.rows-unreadable", { unreadable });
  }

  async tell(cards: readonly Card[]): Promise<{ readonly intervalMs: number }> {
    this.#take(tell(this.#state, cards, this.#deps.clock.now()));
    return { intervalMs: intervalOf(this.#state) };
  }

  async remove({ executionId, through }: Parameters<BoardRpc["remove"]>[0]): Promise<void> {
    this.#take(remove(this.#state, executionId, through, this.#deps.clock.now()));
  }

  async read({ since, tag, waitMs }: Parameters<BoardRpc["read"]>[0]): Promise<BoardRead> {
    const hasAll = (): boolean =>
      tag === undefined ? !hasNews(this.#state, since) : tag === String(this.#state.revision);
    await this.#changes.until(() => !hasAll(), waitMs);
    if (tag !== undefined && hasAll()) return { unchanged: true };
    const board = this.ctx.id.name ?? this.ctx.id.toString();
    return { page: { board, ...pageOf(this.#state, since), asOf: this.#deps.clock.now() } };
  }

  #take(after: BoardState): void {
    if (after === this.#state) return;
    this.#store.commit(this.#state, after);
    this.#state = after;
    this.#changes.tell();
  }
}
