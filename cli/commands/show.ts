import { toPlainJson } from "../../shared/plain-text.ts";
import { type Command, jsonFlag, parse, serverFlags } from "../command.ts";
import { ExitCode, failed } from "../exit-code.ts";
import { openApi } from "../server.ts";
import { parseTarget } from "../target.ts";
import { executionText } from "../text/execution-text.ts";
import { jobText } from "../text/job-text.ts";

const flags = {
  full: { type: "boolean", summary: "the result whole, however large (with --json)" },
  ...jsonFlag,
  ...serverFlags,
} as const;
const usage = "holt show TARGET [options]";

export const show: Command = {
  name: "show",
  summary: "a job or an execution: how it is, what will stop it, how it ended",
  usage,
  about: [
    "Of a job: status and phase, the agent's own list, the three signals with their ages, the deadlines and what happens at them, attempts and recoveries, notes, usage, policy, and once it has ended the outcome with its evidence and what to do next.",
  ],
  examples: [
    ["holt show exec_1", "an execution and its jobs"],
    ["holt show exec_1-coder", "a job"],
    ["holt show exec_1-coder --json | jq .deadlines", "its deadlines"],
  ],
  flags,
  json: "a JobView, or of an execution an ExecutionView",
  run: async (args, io) => {
    const { values, positionals } = parse(args, flags, { min: 1, max: 1, usage });
    const api = await openApi(values, io);
    const { executionId, jobId } = await parseTarget(positionals[0] ?? "");
    const print = (lines: readonly string[]): void => io.out.write(lines.map((line) => `${line}\n`).join(""));
    if (jobId === null) {
      const reply = await api.call("execution", { path: { executionId } });
      if (reply.kind === "failed") throw failed(reply.failure);
      print(values.json === true ? [toPlainJson(reply.value)] : executionText(reply.value, io.out.paint));
      return ExitCode.done;
    }
    const query = values.full === true ? ({ result: "full" } as const) : {};
    const reply = await api.call("job", { path: { executionId, jobId }, query });
    if (reply.kind === "failed") throw failed(reply.failure);
    print(values.json === true ? [toPlainJson(reply.value)] : jobText(reply.value, io.out.paint));
    return ExitCode.done;
  },
};
