/** Counts the lines in files that look like the ones with which git marks a conflict. */

import { createLineSplitter } from "../../process/line-splitter.ts";
import { isSuccess } from "../../process/exit.ts";
import { type Step, done } from "../../process/step.ts";
import { gitFailure } from "../git.ts";
import { type Outbox, inOutbox } from "../outbox.ts";

export type Markers = {
  readonly open: number;
  readonly ancestor: number;
  readonly middle: number;
  readonly close: number;
};

export type MarkedBlob = { readonly object: string; readonly markerSize: number };

export const noMarkers: Markers = { open: 0, ancestor: 0, middle: 0, close: 0 };

/** In the order of `blobs`; an object that the outbox does not have has none. */
export async function countMarkers(
  outbox: Outbox,
  blobs: readonly MarkedBlob[],
): Promise<Step<readonly Markers[]>> {
  if (blobs.length === 0) return done([]);
  const counts: Markers[] = [];
  const args = ["cat-file", "--batch"];
  const end = await outbox.git.try(args, {
    ...inOutbox(outbox),
    timeoutMs: 300_000,
    input: blobs.map(({ object }) => `${object}\n`).join(""),
    onStdout: createBatchReader(() => {
      const { markerSize = 7 } = blobs[counts.length] ?? {};
      return createCounter(markerSize, (markers) => counts.push(markers));
    }),
  });
  return isSuccess(end.exit) ? done(counts) : gitFailure(args, end);
}

/** Longer heads of lines decide nothing. */
const maxLineBytes = 1024;

type BlobReader = { readonly write: (chunk: Uint8Array) => void; readonly end: () => void };

function createCounter(size: number, onEnd: (markers: Markers) => void): BlobReader {
  let markers = noMarkers;
  let above: readonly [second: string, first: string] = ["", ""];
  const take = (line: string): void => {
    const kind = kindOf(line, size);
    const isUnderline = kind === "middle" && isHeading(above, size);
    if (kind !== null && !isUnderline) markers = { ...markers, [kind]: markers[kind] + 1 };
    above = [above[1], line];
  };
  const lines = createLineSplitter({ maxLineBytes, onLine: take, onOverlong: take });
  return {
    write: lines.write,
    end: () => {
      lines.end();
      onEnd(markers);
    },
  };
}

/** A line of its own that is as long as the one it is underlined with. */
function isHeading([before, line]: readonly [string, string], size: number): boolean {
  return before.trim() === "" && line.length === size && line.trim() === line && kindOf(line, size) === null;
}

const kinds = { "<": "open", "|": "ancestor", "=": "middle", ">": "close" } as const satisfies Record<
  string,
  keyof Markers
>;

/** Exactly `size` characters of a kind, and a label or nothing behind them. */
function kindOf(line: string, size: number): keyof Markers | null {
  const [first] = line;
  if (first !== "<" && first !== "|" && first !== "=" && first !== ">") return null;
  if (!line.startsWith(first.repeat(size))) return null;
  const rest = line.slice(size);
  if (rest === "") return kinds[first];
  return first !== "=" && /^[ \t]/.test(rest) ? kinds[first] : null;
}

/**
 * Reads "<object> <type> <size>\n<size bytes>\n" for each object that is there, "<object> missing\n" for one that is
 * not. A reader is opened and ended for either.
 */
function createBatchReader(open: () => BlobReader): (chunk: Uint8Array) => void {
  let header = "";
  let blob: BlobReader | null = null;
  let bytesLeft = 0;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (blob === null) {
        const end = chunk.indexOf(0x0a, at);
        header += Buffer.from(chunk.subarray(at, end === -1 ? chunk.length : end)).toString("latin1");
        at = end === -1 ? chunk.length : end + 1;
        if (end === -1) continue;
        const size = /^[0-9a-f]+ [a-z]+ (\d+)$/.exec(header)?.[1];
        header = "";
        blob = open();
        bytesLeft = Number(size ?? 0);
        if (size !== undefined) continue;
        blob.end();
        blob = null;
      } else if (bytesLeft > 0) {
        const part = chunk.subarray(at, at + bytesLeft);
        blob.write(part);
        bytesLeft -= part.length;
        at += part.length;
      } else {
        // the line end behind the content
        at += 1;
        blob.end();
        blob = null;
      }
    }
  };
}
