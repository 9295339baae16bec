import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type BundleReport, verifyBundle } from "../../shared/bundle.ts";
import { BundleHead } from "../../shared/bundle/line.ts";
import { toPlainJson, toPlainLine } from "../../shared/plain-text.ts";
import { type Command, jsonFlag, parse } from "../command.ts";
import { ExitCode, misuse, unusable } from "../exit-code.ts";
import { linesOf } from "../lines.ts";

const flags = {
  head: {
    type: "string",
    multiple: true,
    value: "CURSOR:HASH",
    summary: "a hash kept from elsewhere, such as `bundle` of a job's view",
  },
  ...jsonFlag,
} as const;
const usage = "holt verify FILE [options]";

export const verify: Command = {
  name: "verify",
  summary: "check a bundle, offline",
  usage,
  about: [
    "Says whether a bundle is whole: every line names the hash of the one before, and the last counts what was read. That it is the true one is shown only by a hash kept elsewhere: --head.",
    "FILE may be `-`. Exit code 0 or 1.",
  ],
  examples: [
    ["holt verify exec_1.ndjson", "a file"],
    ["holt bundle exec_1 | holt verify -", "without a file"],
  ],
  flags,
  json: "a BundleReport",
  run: async (args, io) => {
    const { values, positionals } = parse(args, flags, { min: 1, max: 1, usage });
    const [path = ""] = positionals;
    const expected = (values.head ?? []).map(parseHead);
    const source = path === "-" ? io.stdin : createReadStream(path);
    const report = await verifyBundle(linesOf(source), { sha256, expected }).catch((error: unknown) => {
      throw unusable(path, "read", error);
    });
    const text = reportLines(report).join("\n");
    io.out.write(`${values.json === true ? toPlainJson(report) : text}\n`);
    return report.ok ? ExitCode.done : ExitCode.failed;
  },
};

export function sha256(text: string): Promise<string> {
  return Promise.resolve(createHash("sha256").update(text).digest("hex"));
}

export function reportLines(report: BundleReport): readonly string[] {
  const { ok, executionId, events, gaps, missing, jobs, cursor, head, problem } = report;
  const lost = gaps === 0 ? "nothing missing" : `${missing} events missing in ${gaps} counted gaps`;
  return [
    ok ? `whole: ${executionId ?? ""}, ${events} events, ${jobs} jobs, ${lost}` : "not whole",
    ...(problem === undefined ? [] : [`line ${problem.line}: ${toPlainLine(problem.text, 300)}`]),
    `up to cursor ${cursor}, hash ${head ?? "none"}`,
  ];
}

function parseHead(text: string): BundleHead {
  const [cursor = "", head = ""] = text.split(":");
  const parsed = BundleHead.safeParse({ cursor: /^\d+$/.test(cursor) ? Number(cursor) : null, head });
  if (!parsed.success) throw misuse(`--head takes CURSOR:HASH with a hash of 64 hex digits, not '${text}'`);
  return parsed.data;
}
