/**
 * A body made piece by piece, each only when the reader has taken the one before: nothing piles up behind a slow client, and
 * one that leaves ends the pieces where they are.
 * @param gaveUp when it resolves, the body breaks off, whether the client reads or not
 */
export function textStream(
  pieces: AsyncGenerator<string, void, undefined>,
  gaveUp: Promise<unknown> | null = null,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        void gaveUp?.then(() => {
          controller.error(new Error("the client has stopped reading"));
          return pieces.return();
        });
      },
      pull: async (controller) => {
        const { done = false, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value ?? ""));
      },
      cancel: () => {
        // Whoever has left does not wait for the piece that is being made.
        void pieces.return();
      },
    },
    { highWaterMark: 0 },
  );
}
