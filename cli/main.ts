/** `holt`: a thin client of the HTTP API. */
import type { CallFailure } from "../shared/client.ts";
import { toPlainJson, toPlainLine, toPlainText } from "../shared/plain-text.ts";
import { commands } from "./commands.ts";
import { CommandEnd, ExitCode, misuse } from "./exit-code.ts";
import type { LocalComplaint } from "./json-shapes.ts";
import { endWith, Interruption, type Io, openIo } from "./system.ts";
import { commandHelp, overview } from "./text/help-text.ts";
import { version } from "./version.ts";

const io = openIo();
endWith(await run(process.argv.slice(2), io));

async function run(args: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatchTo(args, io);
  } catch (error) {
    return complain(error, args, io);
  }
}

function dispatchTo([name, ...args]: readonly string[], io: Io): Promise<number> {
  const print = (text: string): Promise<number> => {
    io.out.write(`${text}\n`);
    return Promise.resolve(ExitCode.done);
  };
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const [asked] = name === "help" ? args : [];
    return print(
      asked === undefined ? overview(commands, io.out.paint) : commandHelp(find(asked), io.out.paint),
    );
  }
  if (name === "--version" || name === "version") return print(version);
  const command = find(name);
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  if (own.includes("--help") || own.includes("-h")) return print(commandHelp(command, io.out.paint));
  return command.run(args, io);
}

function find(name: string) {
  const command = commands.find((row) => row.name === name);
  if (command === undefined)
    throw misuse(`'${toPlainLine(name, 40)}' is no command; \`holt help\` lists them`);
  return command;
}

function complain(error: unknown, args: readonly string[], io: Io): number {
  const reason: unknown = io.signal.aborted ? io.signal.reason : error;
  if (reason instanceof Interruption) return reason.exitCode;
  if (!(reason instanceof CommandEnd)) {
    io.complain(toPlainText(reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)));
    if (args.includes("--json")) io.complain(toPlainJson(unexpected(reason)));
    return ExitCode.failed;
  }
  const { failure, message, exitCode } = reason;
  if (args.includes("--json")) {
    io.complain(toPlainJson(failure ?? { code: complaintCode(exitCode), error: message }));
    return exitCode;
  }
  const words = [toPlainLine(message, 1_000), ...(failure === null ? [] : [`(${describeCall(failure)})`])];
  io.complain(`${io.complaint("red", "holt:")} ${words.join(" ")}`);
  return exitCode;
}

function describeCall({ code, requestId }: CallFailure): string {
  return toPlainLine(requestId === null ? code : `${code}, request ${requestId}`, 200);
}

function unexpected(error: unknown): LocalComplaint {
  return { code: "failed", error: error instanceof Error ? error.message : String(error) };
}

function complaintCode(exitCode: number): LocalComplaint["code"] {
  if (exitCode === ExitCode.usage) return "usage";
  return exitCode === ExitCode.unauthorized ? "unauthorized" : "failed";
}
