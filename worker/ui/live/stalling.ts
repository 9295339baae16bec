/** Gives up a call whose answer stalls. */

export type StallPorts = {
  /** Calls back once after so long, unless it is cancelled first. */
  readonly after: (ms: number, callback: () => void) => () => void;
  readonly request: (signal: AbortSignal) => Promise<Response>;
};

/**
 * The answer, whose head comes within `withinMs` and each part of its body within as much after the one before: a long one
 * takes as long as it takes. Else it fails, as it does where `signal` ends it.
 */
export async function unlessItStalls(
  { after, request }: StallPorts,
  withinMs: number,
  signal?: AbortSignal,
): Promise<Response> {
  signal?.throwIfAborted();
  const own = new AbortController();
  const stall = (): void => own.abort(new Error(`nothing was heard for ${withinMs / 1_000} s`));
  signal?.addEventListener("abort", () => own.abort());
  let cancel = after(withinMs, stall);
  const renew = (): void => {
    cancel();
    cancel = after(withinMs, stall);
  };
  const response = await request(own.signal);
  renew();
  const { body, status, headers } = response;
  // Some browsers give a 304 a body, of which no answer can be made.
  if (body === null || status === 304) return (cancel(), response);
  const parts = new TransformStream<Uint8Array, Uint8Array>({
    transform: (part, to) => {
      renew();
      to.enqueue(part);
    },
    flush: () => cancel(),
  });
  return new Response(body.pipeThrough(parts), { status, headers });
}
