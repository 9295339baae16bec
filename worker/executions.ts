import type { Execution } from "./execution/execution.ts";
import type { ExecutionRpc } from "./execution/rpc.ts";

/** Objects by the name of their execution; the caller has validated the name, since a stub for any name costs money. */
export type Executions = { readonly named: (executionId: string) => ExecutionRpc };

/** A stub is poisoned by its first error, so each call takes a fresh one. */
export function executionsOf(env: { readonly EXECUTION: DurableObjectNamespace<Execution> }): Executions {
  return { named: (executionId) => env.EXECUTION.getByName(executionId) };
}
