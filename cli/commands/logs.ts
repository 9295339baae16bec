import type { LogEntry } from "../../shared/events.ts";
import { toPlainJson, toPlainText } from "../../shared/plain-text.ts";
import { type Command, jsonFlag, parse, serverFlags } from "../command.ts";
import { ExitCode, misuse } from "../exit-code.ts";
import { readLog, streamLog } from "../log-reader.ts";
import type { Paint } from "../paint.ts";
import { openApi } from "../server.ts";
import { parseTarget } from "../target.ts";
import { describePruned } from "../text/event-lines.ts";
import { toClock } from "../time.ts";
import { readCount } from "./events.ts";
import { patienceFlag, readPatience } from "./watch.ts";

const streams = ["agent", "harness", "stderr"] as const;
const flags = {
  follow: {
    type: "boolean",
    short: "f",
    summary: "go on with what comes, until nothing of the execution lives",
  },
  tail: { type: "string", short: "n", value: "COUNT", summary: "begin with the last so many entries" },
  stream: { type: "string", value: "NAME", choices: streams, summary: "only what came from there" },
  ...patienceFlag,
  ...jsonFlag,
  ...serverFlags,
} as const;
const usage = "holt logs TARGET [options]";

export const logs: Command = {
  name: "logs",
  summary: "what the agent and the harness printed",
  usage,
  about: [
    "All of it that is kept, not the last lines of the view alone. Every line says whose it is; its controls are taken out.",
  ],
  examples: [
    ["holt logs exec_1-coder -f", "as it goes on"],
    ["holt logs exec_1-coder --stream agent -n 5", "the agent's last five words"],
  ],
  flags,
  json: "one line for each piece of output: an EventLine, or a GapLine",
  run: async (args, io) => {
    const { values, positionals } = parse(args, flags, { min: 1, max: 1, usage });
    const tail = readCount(values.tail, "tail", Number.POSITIVE_INFINITY);
    const { stream } = values;
    if (stream !== undefined && !streams.some((name) => name === stream)) {
      throw misuse(`--stream is one of ${streams.join(", ")}, not '${stream}'`);
    }
    const { executionId, jobId } = await parseTarget(positionals[0] ?? "");
    const patienceMs = readPatience(values["retry-for"]);
    const api = await openApi(values, io);
    const isWanted = (entry: LogEntry): boolean =>
      entry.kind === "gap" ||
      (entry.event.kind === "output" &&
        (jobId === null || entry.event.jobId === jobId) &&
        (stream === undefined || entry.event["stream"] === stream));
    const print = async (entry: LogEntry): Promise<void> => {
      const lines = values.json === true ? [toPlainJson(entry)] : outputLines(entry, io.out.paint);
      io.out.write(lines.map((line) => `${line}\n`).join(""));
      await io.out.drained();
    };
    let last: readonly LogEntry[] = [];
    let after = 0;
    for await (const entry of readLog({ api, io, executionId, after, patienceMs })) {
      after = entry.kind === "event" ? entry.event.cursor : entry.gap.to;
      if (!isWanted(entry)) continue;
      if (tail === Number.POSITIVE_INFINITY) await print(entry);
      else last = tail === 0 ? [] : [...last, entry].slice(-tail);
    }
    for (const entry of last) await print(entry);
    if (values.follow !== true) return ExitCode.done;
    for await (const entry of streamLog({ api, io, executionId, after, patienceMs })) {
      if (isWanted(entry)) await print(entry);
    }
    return ExitCode.done;
  },
};

export function outputLines(entry: LogEntry, paint: Paint): readonly string[] {
  if (entry.kind === "gap") return [paint("yellow", describePruned(entry.gap.count).trim())];
  const { at, stream, text } = entry.event;
  const head = `${paint("dim", toClock(at))}  ${paint("cyan", String(stream).padEnd(7).slice(0, 7))}  `;
  const lines = toPlainText(typeof text === "string" ? text : "")
    .replace(/\n+$/, "")
    .split("\n");
  return lines.map((line) => `${head}${line}`.trimEnd());
}
