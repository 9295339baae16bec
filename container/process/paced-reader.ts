import type { Readable } from "node:stream";

export type PacedReader = {
  /** Whether something that was read is not taken yet. */
  readonly isBusy: () => boolean;
  /** Settles when all that was read so far is taken. */
  readonly settled: () => Promise<void>;
};

/** Each line of a slice may cost some ten microseconds; a slice of nothing but short ones is through in a few milliseconds. */
const sliceBytes = 2048;
/** More in one chunk is a flood of short lines; events of an agent are longer. */
const denseLines = 400;

const LF = 0x0a;

/**
 * Hands a stream's chunks on as they come. One with a great many lines is handed on in slices, between which the event
 * loop has its turns: meanwhile the stream waits, and a program that floods it waits with it.
 */
export function readPaced(stream: Readable, take: (bytes: Uint8Array) => void): PacedReader {
  // Node lets the streams of a child that has ended flow again, so a chunk may come while another is at work
  const waiting: Uint8Array[] = [];
  let work: Promise<void> | null = null;
  const takeWaiting = async (): Promise<void> => {
    stream.pause();
    for (let chunk = waiting.shift(); chunk !== undefined; chunk = waiting.shift()) {
      for (let at = 0; at < chunk.length; at += sliceBytes) {
        take(chunk.subarray(at, at + sliceBytes));
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    work = null;
    stream.resume();
  };
  stream.on("data", (chunk: Uint8Array) => {
    if (work === null && !isDense(chunk)) return take(chunk);
    waiting.push(chunk);
    work ??= takeWaiting();
  });
  return { isBusy: () => work !== null, settled: async () => work ?? undefined };
}

function isDense(chunk: Uint8Array): boolean {
  let lines = 0;
  for (let at = chunk.indexOf(LF); at !== -1 && lines <= denseLines; at = chunk.indexOf(LF, at + 1))
    lines += 1;
  return lines > denseLines;
}
