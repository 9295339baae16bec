/**
 * Calls an object, a second time where the platform says that the first may be repeated: a deploy resets objects in
 * flight. Only for calls that are idempotent; each must take a stub of its own.
 */
export async function repeatOnce<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!isRepeatable(error)) throw error;
    return call();
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
