import { ExtendableDeadline } from "../../shared/dispatch.ts";
import { toPlainJson } from "../../shared/plain-text.ts";
import { type Command, jsonFlag, parse, serverFlags } from "../command.ts";
import { CommandEnd, ExitCode, failed, misuse } from "../exit-code.ts";
import { type Api, openApi } from "../server.ts";
import { findOneJob, type JobTarget, parseTarget } from "../target.ts";
import { plainId } from "../text/job-text.ts";
import { parseDuration, parseTime, toDuration, toLocalTime } from "../time.ts";

const flags = { ...jsonFlag, ...serverFlags } as const;
const usage = "holt extend TARGET DEADLINE (+DURATION | TIME) [options]";

export const extend: Command = {
  name: "extend",
  summary: "move a deadline of a job",
  usage,
  about: [
    `DEADLINE is ${ExtendableDeadline.options.join(", ")}. +30m moves it by half an hour from where it stands; a TIME is ISO 8601, a time of day or epoch milliseconds. It never moves earlier, nor further than a day ahead.`,
  ],
  examples: [
    ["holt extend exec_1-coder max-duration +30m", "half an hour more"],
    ["holt extend exec_1-coder inactivity 18:30", "until half past six"],
  ],
  flags,
  words: [[], ExtendableDeadline.options],
  json: "an ExtendAnswer",
  run: async (args, io) => {
    const { values, positionals } = parse(args, flags, { min: 3, max: 3, usage });
    const [target = "", name = "", by = ""] = positionals;
    const deadline = ExtendableDeadline.safeParse(name);
    if (!deadline.success) {
      throw misuse(`'${name}' cannot be extended; what can: ${ExtendableDeadline.options.join(", ")}`);
    }
    const move = parseMove(by, io.now());
    const api = await openApi(values, io);
    const job = await findOneJob(api, await parseTarget(target));
    const until = move.kind === "until" ? move.at : (await standsAt(api, job, deadline.data)) + move.ms;
    const reply = await api.call("extend", { path: job, body: { deadline: deadline.data, until } });
    if (reply.kind === "failed") throw failed(reply.failure);
    const { at, jobId } = reply.value;
    const left = toDuration(at - io.now());
    const text = `${plainId(jobId)}: ${deadline.data} stands at ${toLocalTime(at)}, in ${left}`;
    io.out.write(`${values.json === true ? toPlainJson(reply.value) : text}\n`);
    return ExitCode.done;
  },
};

type Move = { readonly kind: "by"; readonly ms: number } | { readonly kind: "until"; readonly at: number };

function parseMove(text: string, now: number): Move {
  const ms = text.startsWith("+") ? parseDuration(text.slice(1)) : null;
  if (ms !== null) return { kind: "by", ms };
  const at = text.startsWith("+") ? null : parseTime(text, now);
  if (at !== null) return { kind: "until", at };
  throw misuse(`'${text}' is neither a duration such as +30m nor a time such as 18:30`);
}

async function standsAt(api: Api, path: JobTarget, name: ExtendableDeadline): Promise<number> {
  const reply = await api.call("job", { path });
  if (reply.kind === "failed") throw failed(reply.failure);
  const { deadlines, status } = reply.value;
  const found = deadlines.find((deadline) => deadline.name === name);
  if (found !== undefined) return found.at;
  const others = deadlines.filter(({ extendable }) => extendable).map((deadline) => deadline.name);
  const what = others.length === 0 ? "none can be extended now" : `what does: ${others.join(", ")}`;
  throw new CommandEnd(ExitCode.failed, `the job is ${status} and has no deadline ${name}; ${what}`);
}
