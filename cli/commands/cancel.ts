import type { JobView, StopAnswer } from "../../shared/job-view.ts";
import { toPlainJson } from "../../shared/plain-text.ts";
import { type Command, jsonFlag, parse, serverFlags } from "../command.ts";
import { ExitCode, failed } from "../exit-code.ts";
import { type Api, openApi } from "../server.ts";
import { findOneJob, type JobTarget, nameOf, parseTarget } from "../target.ts";
import { plainId } from "../text/job-text.ts";
import { watchJob } from "../watching.ts";
import { patienceFlag, readPatience } from "./watch.ts";

const flags = {
  reason: { type: "string", value: "TEXT", summary: "why; shown to whoever looks at the job" },
  wait: { type: "boolean", short: "w", summary: "show the stages until the container's death is proved" },
  ...patienceFlag,
  ...jsonFlag,
  ...serverFlags,
} as const;
const usage = "holt cancel TARGET [options]";

export const cancel: Command = {
  name: "cancel",
  summary: "cancel a job",
  usage,
  about: [
    "The agent is asked to end, its work is pushed, then the container is stopped; the job counts as cancelled when the container's death is proved. The answer comes then, or after 20 s with what is so at that time; --wait stays until the proof.",
    "The exit code is 0 when the job is at an end, however that came about, and 1 while it is not.",
  ],
  examples: [
    ["holt cancel exec_1-coder --reason 'not wanted any more'", "ask, and wait 20 s at most"],
    ["holt cancel exec_1 --wait", "the one live job of an execution, with its stages"],
  ],
  flags,
  json: "a StopAnswer; with --wait the JobView of the end",
  run: async (args, io) => {
    const { values, positionals } = parse(args, flags, { min: 1, max: 1, usage });
    const patienceMs = readPatience(values["retry-for"]);
    const api = await openApi(values, io);
    const job = await findOneJob(api, await parseTarget(positionals[0] ?? ""));
    const body = values.reason === undefined ? {} : { reason: values.reason };
    if (values.wait !== true) {
      const answer = await ask(api, job, body);
      const isOver = await isAtAnEnd(api, job, answer);
      io.out.write(`${values.json === true ? toPlainJson(answer) : sentence(answer, job, isOver)}\n`);
      return isOver ? ExitCode.done : ExitCode.failed;
    }
    const before = await api.call("job", { path: job });
    if (before.kind === "failed") throw failed(before.failure);
    const json = values.json === true ? "end" : "none";
    const onLeaving = `Stopped watching; the cancel goes on. \`holt show ${nameOf(job)}\` says how far it is.`;
    const after = before.value.cursor;
    const watching = watchJob({ api, io, job, after, patienceMs, json, onLeaving });
    // The stages are seen while the request waits for its answer; a refusal of it ends the watching.
    const [end] = await Promise.all([watching, ask(api, job, body)]);
    return isProved(end) ? ExitCode.done : ExitCode.failed;
  },
};

async function ask(api: Api, path: JobTarget, body: { readonly reason?: string }): Promise<StopAnswer> {
  const reply = await api.call("cancel", { path, body });
  if (reply.kind === "failed") throw failed(reply.failure);
  return reply.value;
}

/** A job that failed may have been given up without a proof of its container's death, which only its view says. */
async function isAtAnEnd(api: Api, path: JobTarget, { state }: StopAnswer): Promise<boolean> {
  if (state !== "failed") return state === "done";
  const reply = await api.call("job", { path });
  if (reply.kind === "failed") throw failed(reply.failure);
  return isProved(reply.value);
}

function sentence({ jobId, state, status }: StopAnswer, job: JobTarget, isOver: boolean): string {
  const said = `${plainId(jobId)}: ${status}`;
  if (isOver) return said;
  if (state === "running") return `${said}; its end is not proved yet. holt cancel ${nameOf(job)} --wait`;
  return `${said}; that its container is dead was never proved. holt show ${nameOf(job)}`;
}

function isProved({ outcome }: JobView): boolean {
  return outcome !== null && outcome.code !== "stop-unproven";
}
