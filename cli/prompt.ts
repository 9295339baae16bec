/** Questions to a person, on the terminal's error stream, so that the output stays what a script reads. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { Interruption, type Io, SIGINT_CODE } from "./system.ts";
import { CommandEnd, ExitCode } from "./exit-code.ts";
import { linesOf } from "./lines.ts";

type Asking = Pick<Io, "stdin" | "stderr" | "signal">;

export function askOpenly(question: string, io: Asking): Promise<string> {
  return ask(question, io, io.stderr);
}

/** What is typed is not shown. Without a terminal: the first line of standard input. */
export async function askSecretly(question: string, io: Asking): Promise<string> {
  if (!io.stdin.isTTY) {
    for await (const line of linesOf(io.stdin)) return line;
    return "";
  }
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  // Only from here on the terminal itself repeats nothing: whoever answers the question is not shown the answer.
  const answer = ask("", io, nowhere);
  io.stderr.write(question);
  try {
    return await answer;
  } finally {
    io.stderr.write("\n");
  }
}

async function ask(
  question: string,
  { stdin, signal }: Asking,
  output: NodeJS.WritableStream,
): Promise<string> {
  const terminal = createInterface({ input: stdin, output, terminal: true });
  // In raw mode Ctrl-C and Ctrl-D are keys, and nobody else hears of them.
  const ended = new Promise<never>((_resolve, reject) => {
    terminal.once("SIGINT", () => reject(new Interruption(SIGINT_CODE)));
    terminal.once("close", () => reject(new CommandEnd(ExitCode.usage, "nothing was entered")));
  });
  try {
    return await Promise.race([terminal.question(question, { signal }), ended]);
  } finally {
    // The answered question does not care that the terminal is closed after it.
    ended.catch(() => undefined);
    terminal.close();
  }
}
