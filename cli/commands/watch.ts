import { type Command, jsonFlag, parse, serverFlags } from "../command.ts";
import { exitCodeOf, misuse } from "../exit-code.ts";
import { openApi } from "../server.ts";
import { findJob, parseTarget } from "../target.ts";
import { parseDuration } from "../time.ts";
import { goesOn, PATIENCE_MS, watchJob } from "../watching.ts";

export const patienceFlag = {
  "retry-for": {
    type: "string",
    value: "DURATION",
    summary: "how long a lost connection is tried again (default 2m)",
  },
} as const;

const flags = { ...patienceFlag, ...jsonFlag, ...serverFlags } as const;
const usage = "holt watch TARGET [options]";

export const watch: Command = {
  name: "watch",
  summary: "show a job live until it ends",
  usage,
  about: [
    "Prints the log as it grows; on a terminal there is a block below it with the phase, the agent's own list, the three signals, and what will stop the job and when. The exit code says how the job ended.",
    "Ctrl-C ends the watching. The job goes on.",
  ],
  examples: [
    ["holt watch exec_1-coder", "a job"],
    ["holt watch exec_1", "the job of that execution which is at work"],
    [
      "holt watch exec_1-coder --json | jq -c 'select(.kind == \"end\") | .job.outcome'",
      "the outcome, once there is one",
    ],
  ],
  flags,
  json: "one line for each fact, an EventLine or GapLine; the last is the EndLine",
  run: async (args, io) => {
    const { values, positionals } = parse(args, flags, { min: 1, max: 1, usage });
    const patienceMs = readPatience(values["retry-for"]);
    const api = await openApi(values, io);
    const job = await findJob(api, await parseTarget(positionals[0] ?? ""));
    const json = values.json === true ? "lines" : "none";
    return exitCodeOf(await watchJob({ api, io, job, after: 0, patienceMs, json, onLeaving: goesOn(job) }));
  },
};

export function readPatience(text: string | undefined): number {
  if (text === undefined) return PATIENCE_MS;
  const patienceMs = parseDuration(text);
  if (patienceMs === null) throw misuse(`--retry-for takes a duration such as 30s or 5m, not '${text}'`);
  return patienceMs;
}
