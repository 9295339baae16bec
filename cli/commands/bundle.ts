import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import { type BundleReport, verifyBundle } from "../../shared/bundle.ts";
import { toPlainJson } from "../../shared/plain-text.ts";
import { type Command, jsonFlag, parse, serverFlags } from "../command.ts";
import { CommandEnd, ExitCode, failed, misuse, unusable } from "../exit-code.ts";
import { linesOf } from "../lines.ts";
import { openApi } from "../server.ts";
import type { Io } from "../system.ts";
import { parseTarget } from "../target.ts";
import { reportLines, sha256 } from "./verify.ts";

const flags = {
  output: {
    type: "string",
    short: "o",
    value: "FILE",
    isFile: true,
    summary: "the file to write; default: standard output",
  },
  ...jsonFlag,
  ...serverFlags,
} as const;
const usage = "holt bundle EXECUTION [options]";

export const bundle: Command = {
  name: "bundle",
  summary: "download all that is kept of an execution",
  usage,
  about: [
    "One line of JSON for each fact, each with the hash of the line before. It is checked on the way: one that breaks off leaves no file, and the exit code is 1.",
  ],
  examples: [
    ["holt bundle exec_1 -o exec_1.ndjson", "to a file"],
    ["holt bundle exec_1 | gzip > exec_1.ndjson.gz", "to a pipe"],
  ],
  flags,
  json: "with --output a BundleReport; without it the bundle is JSON already",
  run: async (args, io) => {
    const { values, positionals } = parse(args, flags, { min: 1, max: 1, usage });
    const { executionId } = await parseTarget(positionals[0] ?? "");
    const { output } = values;
    if (output === undefined && io.out.isTerminal)
      throw misuse("a bundle is no text for a terminal: use --output or a pipe");
    const api = await openApi(values, io);
    const opened = await api.open("bundle", { path: { executionId } }, { accept: "application/x-ndjson" });
    if (opened.kind === "failed") throw failed(opened.failure);
    const { body } = opened.response;
    if (body === null) throw new CommandEnd(ExitCode.failed, "the bundle is empty");
    const target = output === undefined ? toStdout(io.out) : await toFile(output);
    const report = await copy(linesOf(body), target.write);
    await target.end(report.ok);
    if (!report.ok)
      throw new CommandEnd(ExitCode.failed, `the bundle is not whole: ${report.problem?.text ?? ""}`);
    if (output !== undefined) {
      const text = [output, ...reportLines(report)].join("\n");
      io.out.write(`${values.json === true ? toPlainJson(report) : text}\n`);
    }
    return ExitCode.done;
  },
};

type Sink = {
  readonly write: (text: string) => Promise<void>;
  readonly end: (isWhole: boolean) => Promise<void>;
};

/** Every line is written as it came, and checked. */
async function copy(lines: AsyncIterable<string>, write: Sink["write"]): Promise<BundleReport> {
  const broken: string[] = [];
  async function* passing(): AsyncGenerator<string, void, undefined> {
    try {
      for await (const line of lines) {
        await write(`${line}\n`);
        yield line;
      }
    } catch (error) {
      if (error instanceof CommandEnd) throw error;
      // A bundle without its end is told from a whole one by what it lacks.
      broken.push(error instanceof Error ? error.message : "unknown");
    }
  }
  const report = await verifyBundle(passing(), { sha256 });
  const [why] = broken;
  if (why === undefined || report.ok) return report;
  return { ...report, problem: { line: report.lines, text: `the connection broke off: ${why}` } };
}

function toStdout({ write, drained }: Io["out"]): Sink {
  return {
    write: async (text) => {
      write(text);
      await drained();
    },
    end: () => Promise.resolve(),
  };
}

/** The file has its name once it is whole. */
async function toFile(path: string): Promise<Sink> {
  const part = `${path}.part`;
  const file = createWriteStream(part, { mode: 0o600 });
  const closed = finished(file);
  /** What fails leaves nothing behind. */
  const attempt = async (act: () => Promise<unknown>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      file.destroy();
      await closed.catch(() => undefined);
      await rm(part, { force: true }).catch(() => undefined);
      throw unusable(path, "written", error);
    }
  };
  await attempt(() => Promise.race([once(file, "open"), closed]));
  return {
    write: (text) =>
      attempt(async () => file.write(text) || (await Promise.race([once(file, "drain"), closed]))),
    end: (isWhole) =>
      attempt(async () => {
        file.end();
        await closed;
        await (isWhole ? rename(part, path) : rm(part, { force: true }));
      }),
  };
}
