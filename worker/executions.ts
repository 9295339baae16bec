import type { Execution } from "./execution/execution.ts";
import type { ExecutionRpc } from "./execution/rpc.ts";
import { repeatOnce } from "./repeat.ts";

/** Objects by the name of their execution; the caller has validated the name, since a stub for any name costs money. */
export type Executions = { readonly named: (executionId: string) => ExecutionRpc };

/** A stub is poisoned by its first error, so each call takes a fresh one. */
export function executionsOf(env: { readonly EXECUTION: DurableObjectNamespace<Execution> }): Executions {
  return { named: (executionId) => env.EXECUTION.getByName(executionId) };
}

/**
 * Calls an object, a second time where the platform says that the first may be repeated: clients of the job protocol take
 * one failed dispatch for the end of the job. Not for `take`, whose follow-ups are offered once; every other remote
 * method is idempotent.
 */
export function callExecution<T>(
  executions: Executions,
  executionId: string,
  call: (execution: ExecutionRpc) => Promise<T>,
): Promise<T> {
  return repeatOnce(() => call(executions.named(executionId)));
}
