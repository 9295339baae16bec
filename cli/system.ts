/** The process: its streams, signals, clock and randomness. Only this file reads them. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { homedir } from "node:os";
import { setTimeout as sleepFor } from "node:timers/promises";
import { choosePaint, type Paint } from "./paint.ts";

/** What a command works with. */
export type Io = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly platform: string;
  readonly out: {
    readonly write: (text: string) => void;
    /** Resolves when the reader has caught up. */
    readonly drained: () => Promise<unknown>;
    readonly isTerminal: boolean;
    /** Whether lines can be replaced. */
    readonly canRewrite: boolean;
    readonly size: () => { readonly columns: number; readonly rows: number };
    readonly paint: Paint;
  };
  /** For people; never part of what a script reads. */
  readonly complain: (text: string) => void;
  readonly complaint: Paint;
  readonly stdin: typeof process.stdin;
  readonly stderr: typeof process.stderr;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Calls until the returned function is called; holds no process. */
  readonly every: (ms: number, act: () => void) => () => void;
  /** Lower-case letters and digits. */
  readonly randomName: () => string;
};

export const SIGINT_CODE = 130;
const SIGTERM_CODE = 143;
const SIGPIPE_CODE = 141;

/** Why the process is to end early, and the exit code that says so. */
export class Interruption extends Error {
  readonly exitCode: number;
  constructor(exitCode: number) {
    super("interrupted");
    this.exitCode = exitCode;
  }
}

export function openIo(): Io {
  const { stdout, stderr, stdin, env } = process;
  const controller = new AbortController();
  // The second one is the system's: what does not end at the first ends then.
  process.once("SIGINT", () => controller.abort(new Interruption(SIGINT_CODE)));
  process.once("SIGTERM", () => controller.abort(new Interruption(SIGTERM_CODE)));
  // A reader that has seen enough is no failure, and nothing is said of it.
  for (const stream of [stdout, stderr]) stream.on("error", () => process.exit(SIGPIPE_CODE));
  const { signal } = controller;
  return {
    env,
    home: homedir(),
    platform: process.platform,
    out: {
      write: (text) => stdout.write(text),
      drained: () => (stdout.writableNeedDrain ? once(stdout, "drain") : Promise.resolve()),
      isTerminal: stdout.isTTY,
      canRewrite: stdout.isTTY && env["TERM"] !== "dumb",
      size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
      paint: choosePaint(env, stdout.isTTY),
    },
    complain: (text) => stderr.write(`${text}\n`),
    complaint: choosePaint(env, stderr.isTTY),
    stdin,
    stderr,
    signal,
    now: () => Date.now(),
    sleep: (ms) => sleepFor(ms, undefined, { signal }),
    every: (ms, act) => {
      const timer = setInterval(act, ms);
      timer.unref();
      return () => clearInterval(timer);
    },
    randomName: () => BigInt(`0x${randomBytes(6).toString("hex")}`).toString(36),
  };
}

/** Ends when what was written has left, whatever still waits for an answer. */
export function endWith(exitCode: number): void {
  process.exitCode = exitCode;
  process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
}
