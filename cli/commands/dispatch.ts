import { setTimeout as sleep } from "node:timers/promises";
import { insist } from "../../shared/client/insist.ts";
import { ImageName, InstanceSize } from "../../shared/dispatch.ts";
import type { DispatchAnswer } from "../../shared/job-view.ts";
import { toPlainJson, toPlainLine } from "../../shared/plain-text.ts";
import { type Command, jsonFlag, parse, serverFlags } from "../command.ts";
import { makeDispatch } from "../dispatch-body.ts";
import { ExitCode, exitCodeOf, failed, misuse } from "../exit-code.ts";
import { parseFields, readText, readValue } from "../input.ts";
import { policyKeys } from "../policy-flags.ts";
import { openApi } from "../server.ts";
import type { Io } from "../system.ts";
import { checkExecution, nameOf, ownerOf } from "../target.ts";
import { goesOn, watchJob } from "../watching.ts";
import { patienceFlag, readPatience } from "./watch.ts";

const many = { type: "string", multiple: true } as const;
const flags = {
  execution: { type: "string", value: "NAME", summary: "the execution; default: the one its job id names" },
  job: { type: "string", value: "ID", summary: "the job's id; default: a new one" },
  mode: {
    type: "string",
    value: "MODE",
    choices: ["coding", "explore", "preview"],
    summary: "what kind of work it is",
  },
  harness: {
    type: "string",
    value: "AGENT",
    choices: ["pi", "claude-code", "codex"],
    summary: "the agent; default pi",
  },
  model: { type: "string", value: "NAME", summary: "the agent's model" },
  system: { type: "string", value: "TEXT", summary: "the system prompt; @FILE reads it from a file" },
  prompt: {
    type: "string",
    short: "p",
    value: "TEXT",
    summary: "the user prompt; @FILE reads it from a file",
  },
  repo: { type: "string", value: "URL", summary: "the repository to clone" },
  base: { type: "string", value: "BRANCH", summary: "the branch to begin from; default main" },
  branch: { type: "string", value: "BRANCH", summary: "the branch the work goes to" },
  pr: { type: "string", value: "TITLE", summary: "opens a pull request of this title" },
  set: {
    ...many,
    value: "FIELD=VALUE",
    summary: "any field of the spec; JSON is taken as such, dots lead into objects",
  },
  env: {
    ...many,
    value: "FIELD=VARIABLE",
    summary: "a field of the spec from an environment variable: tokens",
  },
  label: { ...many, short: "l", value: "KEY=VALUE", summary: "a label; `title` is shown" },
  policy: {
    ...many,
    value: "KEY=VALUE",
    choices: policyKeys.map((key) => `${key}=`),
    summary: "a limit: max-duration=30m, recovery=report",
  },
  board: { type: "string", value: "NAME", summary: "the board it shows on; default main" },
  instance: {
    type: "string",
    value: "SIZE",
    choices: InstanceSize.options,
    summary: "size of the container",
  },
  image: { type: "string", value: "NAME", choices: ImageName.options, summary: "image of the container" },
  again: { type: "boolean", summary: "a new round of a job that has ended" },
  wait: { type: "boolean", short: "w", summary: "watch it; the exit code says how it ended" },
  ...patienceFlag,
  ...jsonFlag,
  ...serverFlags,
} as const;
const usage = "holt dispatch [FILE] [options]";

export const dispatch: Command = {
  name: "dispatch",
  summary: "dispatch a job",
  usage,
  about: [
    "FILE is JSON or YAML, `-` is standard input: a dispatch as `/v1` takes it (jobId, spec, policy, labels, …; also executionId), or a body of the job protocol. Options go before what the file says.",
    "Dispatching the same job again while it lives changes nothing and starts nothing.",
    `Limits that --policy knows: ${policyKeys.join(", ")}.`,
  ],
  examples: [
    ["holt dispatch job.yaml --wait", "dispatch and watch"],
    ["holt dispatch job.json --job exec_1-coder --policy max-duration=30m", "another id, a shorter limit"],
    [
      "holt dispatch --mode coding --repo https://github.com/you/app --branch holt/fix --pr 'Fix it' --model gpt-5 --system @system.md --prompt 'Fix the flaky test.' --env ghToken=GITHUB_TOKEN --env sessionToken=OPENAI_API_KEY --set proxyBaseUrl=https://api.openai.com/v1",
      "without a file",
    ],
    ["generate-job | holt dispatch - --json | jq -r .jobId", "from another program"],
  ],
  flags,
  words: [],
  json: "a DispatchAnswer; with --wait the JobView of the end",
  run: async (args, io) => {
    const { values, positionals } = parse(args, flags, { min: 0, max: 1, usage });
    const patienceMs = readPatience(values["retry-for"]);
    const [path] = positionals;
    const file = path === undefined ? {} : parseFields(await readText(path, io), path);
    const prompts = {
      system: await readValue(values.system, io),
      prompt: await readValue(values.prompt, io),
    };
    const { executionId: named, body } = makeDispatch(file, { ...values, ...prompts }, io);
    if (Object.keys(body.spec).length === 0) throw misuse(`there is nothing to do: ${usage}`);
    const executionId = checkExecution(named ?? (await ownerOf(body.jobId)));
    const api = await openApi(values, io);
    // The id is settled, so a dispatch whose answer was lost may be sent again.
    const reply = await insist(() => api.call("dispatch", { path: { executionId }, body }), {
      delaysMs: RETRY_DELAYS_MS,
      maxWaitMs: patienceMs,
      sleep: (ms) => {
        if (ms > TOLD_MS) io.complain(`holt: asked to wait; trying again in ${Math.round(ms / 1_000)} s`);
        return sleep(ms, undefined, { signal: io.signal });
      },
    });
    if (reply.kind === "failed") throw failed(reply.failure);
    if (values.wait !== true) {
      if (values.json === true) io.out.write(`${toPlainJson(reply.value)}\n`);
      else tell(reply.value, io);
      return ExitCode.done;
    }
    if (values.json !== true) tellWarnings(reply.value, io);
    const job = { executionId, jobId: body.jobId };
    const json = values.json === true ? "end" : "none";
    return exitCodeOf(await watchJob({ api, io, job, after: 0, patienceMs, json, onLeaving: goesOn(job) }));
  },
};

const RETRY_DELAYS_MS = [250, 500, 1_000];
/** Whoever waits longer is told why. */
const TOLD_MS = 2_000;

function tell(answer: DispatchAnswer, io: Io): void {
  const { jobId, executionId, status, round } = answer;
  const again = round === 1 ? "" : `, round ${round}`;
  const name = nameOf({ executionId, jobId });
  io.out.write(
    `${io.out.paint("bold", toPlainLine(jobId))} in execution ${executionId}: ${status}${again}\n`,
  );
  tellWarnings(answer, io);
  io.out.write(`${io.out.paint("dim", `holt watch ${name}`)}\n`);
}

function tellWarnings({ warnings = [] }: DispatchAnswer, io: Io): void {
  for (const warning of warnings)
    io.complain(io.complaint("yellow", `warning: ${toPlainLine(warning, 400)}`));
}
