import { Execution as DeployedExecution } from "../../worker/execution/execution.ts";

export { default, Admission, Beats, Board } from "../../worker/index.ts";

/** The Worker as it is deployed, and a line for each time that an execution is made to do something, by whomever. */
export class Execution extends DeployedExecution {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    tell(this, "constructor");
  }
}

for (const [name, { value }] of Object.entries(
  Object.getOwnPropertyDescriptors(DeployedExecution.prototype),
)) {
  if (name === "constructor" || typeof value !== "function") continue;
  Object.defineProperty(Execution.prototype, name, {
    value(this: Execution, ...args: readonly unknown[]): unknown {
      tell(this, name);
      return Reflect.apply(value, this, args);
    },
  });
}

function tell(object: Execution, method: string): void {
  // oxlint-disable-next-line no-console -- the log is the only thing that leaves a Worker by itself
  console.info(
    JSON.stringify({ event: "execution.called", method, object: Reflect.get(object, "ctx")?.id?.name }),
  );
}
