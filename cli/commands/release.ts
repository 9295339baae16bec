import { toPlainJson } from "../../shared/plain-text.ts";
import { type Command, jsonFlag, parse, serverFlags } from "../command.ts";
import { ExitCode, failed, misuse } from "../exit-code.ts";
import { openApi } from "../server.ts";
import { parseTarget } from "../target.ts";

const flags = { ...jsonFlag, ...serverFlags } as const;
const usage = "holt release EXECUTION [options]";

export const release: Command = {
  name: "release",
  summary: "stop every job of an execution and destroy its container",
  usage,
  about: [
    "The answer comes when the container's death is proved, or after 20 s with what is so at that time: exit code 0 or 1. A later dispatch begins afresh.",
  ],
  examples: [["holt release exec_1", "an execution and all its jobs"]],
  flags,
  json: "a StopAnswer",
  run: async (args, io) => {
    const { values, positionals } = parse(args, flags, { min: 1, max: 1, usage });
    const { executionId, jobId } = await parseTarget(positionals[0] ?? "");
    if (jobId !== null) throw misuse(`'${jobId}' is a job: holt release ${executionId}, or holt cancel`);
    const api = await openApi(values, io);
    const reply = await api.call("release", { path: { executionId } });
    if (reply.kind === "failed") throw failed(reply.failure);
    const isOver = reply.value.state !== "running";
    const text = isOver ? "released" : "being released; its container's death is not proved yet";
    io.out.write(`${values.json === true ? toPlainJson(reply.value) : `${executionId}: ${text}`}\n`);
    return isOver ? ExitCode.done : ExitCode.failed;
  },
};
