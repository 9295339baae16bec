import { Board } from "../../../worker/board/board.ts";
import { boardWorldOf } from "./world.ts";

/** The object itself, with a clock and a log of the tests'. */
export class TestBoard extends Board {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, boardWorldOf(ctx.id).connect());
  }
}
