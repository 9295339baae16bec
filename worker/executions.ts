import type { Execution } from "./execution/execution.ts";
import type { ExecutionRpc } from "./execution/rpc.ts";

/** Objects by the name of their execution; the caller has validated the name, since a stub for any name costs money. */
export type Executions = { readonly named: (executionId: string) => ExecutionRpc };

/** A stub is poisoned by its first error, so each call takes a fresh one. */
export function executionsOf(env: { readonly EXECUTION: DurableObjectNamespace<Execution> }): Executions {
  return { named: (executionId) => env.EXECUTION.getByName(executionId) };
}

/**
 * Calls an object, a second time where the platform says that the first may be repeated: a deploy resets objects in
 * flight, and clients of the job protocol take one failed dispatch for the end of the job. Not for `take`, whose
 * follow-ups are offered once; every other remote method is idempotent.
 */
export async function callExecution<T>(
  executions: Executions,
  executionId: string,
  call: (execution: ExecutionRpc) => Promise<T>,
): Promise<T> {
  try {
    return await call(executions.named(executionId));
  } catch (error) {
    if (!isRepeatable(error)) throw error;
    return call(executions.named(executionId));
  }
}

/** The platform marks its errors, also where an object has ended itself; an overloaded one is not helped by a second call. */
function isRepeatable(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const isOverloaded = "overloaded" in error && error.overloaded === true;
  const isRetryable = "retryable" in error && error.retryable === true;
  const wasReset = "durableObjectReset" in error && error.durableObjectReset === true;
  return !isOverloaded && (isRetryable || wasReset);
}
