import { fieldOf } from "../../shared/event-words.ts";
import type { LogEntry } from "../../shared/events.ts";
import { toPlainJson, toPlainLine } from "../../shared/plain-text.ts";
import { type Command, jsonFlag, parse, serverFlags } from "../command.ts";
import { ExitCode, misuse } from "../exit-code.ts";
import { readLog, streamLog } from "../log-reader.ts";
import type { Paint } from "../paint.ts";
import { openApi } from "../server.ts";
import { parseTarget } from "../target.ts";
import { describe, describePruned } from "../text/event-lines.ts";
import { toClock } from "../time.ts";
import { patienceFlag, readPatience } from "./watch.ts";

const flags = {
  after: { type: "string", value: "CURSOR", summary: "begin after this cursor; default 0, the beginning" },
  limit: { type: "string", short: "n", value: "COUNT", summary: "end after so many" },
  follow: {
    type: "boolean",
    short: "f",
    summary: "go on with what comes, until nothing of the execution lives",
  },
  ...patienceFlag,
  ...jsonFlag,
  ...serverFlags,
} as const;
const usage = "holt events TARGET [options]";

export const events: Command = {
  name: "events",
  summary: "the event log of an execution or a job",
  usage,
  about: [
    "Each line begins with the cursor to go on after. What pruning dropped is counted where it was. With --follow the log comes as a stream; a lost one is taken up again after the last cursor.",
  ],
  examples: [
    ["holt events exec_1 --after 120", "what came after cursor 120"],
    ["holt events exec_1-coder --follow --json", "one job, as it goes on"],
  ],
  flags,
  json: "one line for each fact: an EventLine or a GapLine",
  run: async (args, io) => {
    const { values, positionals } = parse(args, flags, { min: 1, max: 1, usage });
    const after = readCount(values.after, "after", 0);
    const limit = readCount(values.limit, "limit", Number.POSITIVE_INFINITY);
    const { executionId, jobId } = await parseTarget(positionals[0] ?? "");
    const patienceMs = readPatience(values["retry-for"]);
    const api = await openApi(values, io);
    const options = { api, io, executionId, after, patienceMs };
    let left = limit;
    if (left === 0) return ExitCode.done;
    for await (const entry of values.follow === true ? streamLog(options) : readLog(options)) {
      if (entry.kind === "event" && jobId !== null && entry.event.jobId !== jobId) continue;
      io.out.write(`${values.json === true ? toPlainJson(entry) : eventLine(entry, io.out.paint)}\n`);
      await io.out.drained();
      left -= 1;
      // Not when the next one comes: that may be an hour from now.
      if (left === 0) break;
    }
    return ExitCode.done;
  },
};

export function eventLine(entry: LogEntry, paint: Paint): string {
  if (entry.kind === "gap") return paint("yellow", describePruned(entry.gap.count).trim());
  const { event } = entry;
  const [first, ...more] = describe(event);
  const said = first?.text ?? [fieldOf(event, "tool"), fieldOf(event, "argsSummary")].join(" ");
  const text = more.length === 0 ? said : `${said} … ${more.length} more lines`;
  const where = event.attempt === null || event.attempt === 0 ? "" : `#${event.attempt} `;
  const head = `${String(event.cursor).padStart(6)}  ${toClock(event.at)}`;
  return `${paint("dim", head)}  ${toPlainLine(event.kind, 60).padEnd(17)} ${where}${text}`.trimEnd();
}

export function readCount(text: string | undefined, name: string, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d{1,15}$/.test(text)) throw misuse(`--${name} takes a whole number, not '${text}'`);
  return Number(text);
}
