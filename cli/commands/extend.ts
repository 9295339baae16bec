import { ExtendableDeadline } from "../../shared/dispatch.ts";
import type { JobView } from "../../shared/job-view.ts";
import { toPlainJson } from "../../shared/plain-text.ts";
import { type Command, jsonFlag, parse, serverFlags } from "../command.ts";
import { CommandEnd, ExitCode, failed, misuse } from "../exit-code.ts";
import { openApi } from "../server.ts";
import { findOneJob, parseTarget } from "../target.ts";
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
    const found = await api.call("job", { path: job });
    if (found.kind === "failed") throw failed(found.failure);
    const standing = found.value.deadlines.find((each) => each.name === deadline.data && each.extendable);
    const until = move.kind === "until" ? move.at : standing && standing.at + move.ms;
    if (until === undefined) throw nothingToMove(found.value, deadline.data);
    const reply = await api.call("extend", { path: job, body: { deadline: deadline.data, until } });
    if (reply.kind === "failed") throw failed(reply.failure);
    const { at, jobId } = reply.value;
    const stands = standing === undefined ? "will stand no earlier than" : "stands at";
    const left = toDuration(at - io.now());
    const text = `${plainId(jobId)}: ${deadline.data} ${stands} ${toLocalTime(at)}, in ${left}`;
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

function nothingToMove({ deadlines, status }: JobView, name: ExtendableDeadline): CommandEnd {
  const others = deadlines.filter(({ extendable }) => extendable).map((deadline) => deadline.name);
  const what = others.length === 0 ? "none can be extended now" : `what does: ${others.join(", ")}`;
  return new CommandEnd(ExitCode.failed, `the job is ${status} and has no deadline ${name}; ${what}`);
}
