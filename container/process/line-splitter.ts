const LF = 0x0a;
const CR = 0x0d;

/** Enough of a record to tell its type. */
const probeBytes = 64;

export type LineSplitter = {
  readonly write: (chunk: Uint8Array) => void;
  /** Delivers a last line that no LF ended. */
  readonly end: () => void;
};

/**
 * Cuts a byte stream into lines at LF alone, holding at most `maxLineBytes` of it. Bytes are decoded a whole line at a
 * time, so a character that two chunks share stays whole, and U+2028 inside a JSON string is no line end. What is
 * longer goes to `onOverlong`: its first `headBytes` and its true length.
 */
export function createLineSplitter(options: {
  readonly maxLineBytes: number;
  /** Of a line that is too long; absent: as much as a line may have. */
  readonly headBytes?: number;
  /** Asked once of a line with its first characters; a line that is not wanted is neither kept nor decoded. */
  readonly isWanted?: (head: string) => boolean;
  readonly onLine: (line: string) => void;
  readonly onOverlong: (head: string, bytes: number) => void;
}): LineSplitter {
  let kept: Uint8Array[] = [];
  let keptBytes = 0;
  let lineBytes = 0;
  let wanted: "unknown" | "yes" | "no" = options.isWanted === undefined ? "yes" : "unknown";

  const { maxLineBytes, headBytes = maxLineBytes } = options;

  const ask = (head: Uint8Array): void => {
    const text = toBuffer(head).toString("latin1", 0, probeBytes);
    wanted = options.isWanted?.(text) === false ? "no" : "yes";
  };

  const keep = (part: Uint8Array): void => {
    if (wanted === "unknown" && lineBytes === 0 && part.length >= probeBytes) ask(part);
    lineBytes += part.length;
    if (wanted === "no") return;
    const limit = lineBytes > maxLineBytes ? headBytes : maxLineBytes;
    if (keptBytes > limit) shorten(limit);
    const fits = part.subarray(0, limit - keptBytes);
    if (fits.length === 0) return;
    // the chunk's memory belongs to the stream that read it, and a short rest would hold all of it
    kept.push(Uint8Array.prototype.slice.call(fits));
    keptBytes += fits.length;
    if (wanted === "unknown" && keptBytes >= probeBytes) askOfKept();
  };

  const askOfKept = (): void => {
    ask(Buffer.concat(kept, keptBytes));
    if (wanted === "yes") return;
    kept = [];
    keptBytes = 0;
  };

  /** Forgets what was kept beyond the limit. */
  const shorten = (limit: number): void => {
    const pieces = kept;
    kept = [];
    keptBytes = 0;
    for (const piece of pieces) {
      if (keptBytes === limit) break;
      const fits = piece.slice(0, limit - keptBytes);
      kept.push(fits);
      keptBytes += fits.length;
    }
  };

  const deliver = (rest: Uint8Array): void => {
    // most lines lie in one chunk, and are decoded where they are
    const isWhole = lineBytes === 0 && rest.length <= maxLineBytes;
    if (!isWhole) keep(rest);
    if (wanted === "unknown") {
      if (isWhole) ask(rest);
      else askOfKept();
    }
    const isSkipped = wanted === "no";
    wanted = options.isWanted === undefined ? "yes" : "unknown";
    const bytes = isWhole ? toBuffer(rest) : Buffer.concat(kept, keptBytes);
    const length = isWhole ? rest.length : lineBytes;
    kept = [];
    keptBytes = 0;
    lineBytes = 0;
    if (isSkipped) return;
    if (length > maxLineBytes) return options.onOverlong(bytes.toString("utf8", 0, headBytes), length);
    const end = bytes.at(-1) === CR ? length - 1 : length;
    options.onLine(bytes.toString("utf8", 0, end));
  };

  return {
    write: (chunk) => {
      let from = 0;
      for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, from)) {
        deliver(chunk.subarray(from, at));
        from = at + 1;
      }
      if (from < chunk.length) keep(chunk.subarray(from));
    },
    end: () => {
      if (lineBytes > 0) deliver(new Uint8Array());
    },
  };
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
