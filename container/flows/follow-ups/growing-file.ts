/** A file that a stranger appends to, cuts short or writes anew, read piece by piece. */

import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type LineSplitter, createLineSplitter } from "../../process/line-splitter.ts";

export type GrowingFile = {
  /** Delivers the lines that have been completed since the last read. Never rejects; one read at a time. */
  readonly readMore: () => Promise<void>;
  /** The same to the end of the file, and what stands there without a line's end counts as a line. */
  readonly readRest: () => Promise<void>;
  /** Why something was not read. */
  readonly troubles: () => readonly string[];
};

export type Lines = {
  readonly onLine: (line: string) => void;
  readonly onOverlong: () => void;
};

const maxLineBytes = 64 * 1024;
const chunkBytes = 64 * 1024;

/** Of one read; what is beyond it waits for the next. */
const maxReadBytes = 4 * 1024 * 1024;

/** Over the whole life of the file. */
const maxTotalBytes = 64 * 1024 * 1024;

/** What was read last, by which a file that was written anew is recognised. */
const tailBytes = 512;

/** Lines that are recognised when a file that was written anew repeats them. */
const maxKnownLines = 5_000;

export function openGrowingFile(path: string, lines: Lines): GrowingFile {
  return new GrowingFileReader(path, lines);
}

class GrowingFileReader implements GrowingFile {
  readonly #path: string;
  readonly #lines: Lines;
  readonly #known = new Set<string>();
  readonly #troubles = new Set<string>();
  #splitter: LineSplitter;
  #inode = -1n;
  #offset = 0;
  /** The bytes just before the offset. */
  #tail: Uint8Array = new Uint8Array();
  /** Lines before the offset may come a second time. */
  #isRereading = false;
  #totalBytes = 0;

  constructor(path: string, lines: Lines) {
    this.#path = path;
    this.#lines = lines;
    this.#splitter = this.#makeSplitter();
  }

  readonly readMore = async (): Promise<void> => {
    await this.#read();
  };

  readonly readRest = async (): Promise<void> => {
    for (let isMore = true; isMore;) isMore = await this.#read();
    this.#splitter.end();
  };

  readonly troubles = (): readonly string[] => [...this.#troubles];

  /** @returns whether there is more to read at once */
  async #read(): Promise<boolean> {
    let file: FileHandle | null = null;
    try {
      // neither a link is followed nor a pipe waited for
      file = await open(this.#path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      return await this.#readFrom(file);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") this.#troubles.add(`it could not be read (${codeOf(error)})`);
      return false;
    } finally {
      await file?.close().catch(() => undefined);
    }
  }

  async #readFrom(file: FileHandle): Promise<boolean> {
    const stat = await file.stat({ bigint: true });
    if (!stat.isFile() || stat.nlink > 1n) {
      this.#troubles.add("it is no plain file of its own");
      return false;
    }
    const size = Number(stat.size);
    const isSame = stat.ino === this.#inode && size >= this.#offset && (await this.#isTailThere(file));
    if (!isSame) this.#startAnew();
    this.#inode = stat.ino;
    const until = Math.min(size, this.#offset + maxReadBytes);
    while (this.#offset < until) {
      if (this.#totalBytes >= maxTotalBytes) {
        this.#troubles.add(`no more than ${maxTotalBytes} bytes of it are read`);
        return false;
      }
      const buffer = new Uint8Array(Math.min(chunkBytes, until - this.#offset));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#offset);
      if (bytesRead === 0) return false;
      this.#take(buffer.subarray(0, bytesRead));
    }
    return this.#offset < size;
  }

  #take(bytes: Uint8Array): void {
    this.#splitter.write(bytes);
    this.#offset += bytes.length;
    this.#totalBytes += bytes.length;
    this.#tail = Buffer.concat([this.#tail, bytes]).subarray(-tailBytes);
  }

  async #isTailThere(file: FileHandle): Promise<boolean> {
    const found = new Uint8Array(this.#tail.length);
    const { bytesRead } = await file.read(found, 0, found.length, this.#offset - found.length);
    return bytesRead === found.length && Buffer.compare(found, this.#tail) === 0;
  }

  #startAnew(): void {
    this.#isRereading = this.#offset > 0 || this.#isRereading;
    this.#splitter = this.#makeSplitter();
    this.#offset = 0;
    this.#tail = new Uint8Array();
  }

  #makeSplitter(): LineSplitter {
    return createLineSplitter({
      maxLineBytes,
      onLine: (line) => this.#deliver(line),
      onOverlong: this.#lines.onOverlong,
    });
  }

  #deliver(line: string): void {
    const digest = createHash("sha256").update(line).digest("base64").slice(0, 22);
    const isRepeated = this.#isRereading && this.#known.has(digest);
    if (this.#known.size < maxKnownLines) this.#known.add(digest);
    if (!isRepeated) this.#lines.onLine(line);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
