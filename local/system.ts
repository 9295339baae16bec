/** The terminal, the signals, the clock and the randomness of the local programs; only this file reads them. */
import { randomBytes } from "node:crypto";
import { constants } from "node:os";
import { stripVTControlCharacters, styleText } from "node:util";

export type Style = "bold" | "dim" | "red" | "green" | "cyan" | "yellow";
/** Dresses text where the output is a terminal that wants colours (NO_COLOR, FORCE_COLOR); else leaves it. */
export type Paint = (style: Style, text: string) => string;

export type Terminal = {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  /** Shows a line that the next one replaces; does nothing where the output is no terminal. */
  readonly hint: (line: string) => void;
  readonly paint: Paint;
  /** Whether somebody sits at it. */
  readonly isTerminal: boolean;
};

export function openTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  const canRewrite = stdout.isTTY && env["TERM"] !== "dumb";
  const paint: Paint = (style, text) => styleText(style, text, { stream: stdout });
  let isHinted = false;
  /** What takes the hint away. */
  const clear = (): string => {
    const sequence = isHinted ? "\r\u001B[K" : "";
    isHinted = false;
    return sequence;
  };
  return {
    paint,
    isTerminal: stdout.isTTY,
    print: (line) => stdout.write(`${clear()}${line}\n`),
    complain: (line) => stderr.write(`${clear()}${line}\n`),
    hint: (line) => {
      if (!canRewrite) return;
      // A longer one would wrap, and only its last row could be replaced.
      const plain = stripVTControlCharacters(line).slice(0, stdout.columns - 1);
      stdout.write(`${clear()}${paint("dim", plain)}`);
      isHinted = true;
    },
  };
}

/** Why a program is to end early, and the exit code that says so. */
export class Interruption extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Aborted, with an Interruption, by Ctrl-C, SIGTERM, a terminal that is hung up, and output that nobody reads any more,
 * and by an error that nobody caught: there a program has to put away what it started before it ends.
 */
export function watchInterruptions(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => controller.abort(new Interruption(signal, 128 + constants.signals[signal])));
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", () => {
      controller.abort(new Interruption("the output is closed", 128 + constants.signals.SIGPIPE));
    });
  }
  process.on("uncaughtException", (error) => controller.abort(error));
  return controller.signal;
}

/** Ends the process after a while, whatever still holds it. */
export function exitWithin(limitMs: number, exitCode: number): void {
  setTimeout(() => process.exit(exitCode), limitMs).unref();
}

/** What decides whether there is a browser to open. */
export function machine(): { readonly platform: string; readonly env: typeof process.env } {
  return { platform: process.platform, env: process.env };
}

export const now = (): number => Date.now();
export const randomToken = (): string => randomBytes(24).toString("base64url");
export const randomKey = (): string => randomBytes(32).toString("base64");
