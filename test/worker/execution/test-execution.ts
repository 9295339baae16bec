import { Execution } from "../../../worker/execution/execution.ts";
import { worldOf } from "./world.ts";

/** The object itself, with a container, a clock and a log of the tests'. */
export class TestExecution extends Execution {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, worldOf(ctx.id).connect());
  }
}
