/** `npm run conformance`: certifies a harness of the job protocol over HTTP. */

import { environment } from "./environment.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { count, toJson, toLines } from "./report.ts";
import { rows } from "./rows.ts";
import { type Judged, runRows } from "./run-rows.ts";
import { createClient } from "./world/client.ts";
import { openKit } from "./world/kit.ts";

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

const exitCodes = { passed: 0, failed: 1, misuse: 2, unreachable: 4 } as const;

process.exitCode = await main();

async function main(): Promise<number> {
  const asked = readOptions(process.argv.slice(2), rows);
  switch (asked.kind) {
    case "help":
      print(usage);
      return exitCodes.passed;
    case "list":
      for (const { id, group, kind, title } of rows)
        print(`${kind.padEnd(9)} ${group.padEnd(14)} ${id.padEnd(27)} ${title}`);
      return exitCodes.passed;
    case "environment":
      for (const [name, value] of Object.entries(environment)) print(`${name}=${value}`);
      return exitCodes.passed;
    case "misuse":
      complain(`${asked.why}\n\n${usage}`);
      return exitCodes.misuse;
    case "run":
      return certify(asked.options);
  }
}

async function certify(options: Options): Promise<number> {
  const { url, secret, isJson } = options;
  const health = await createClient(new URL(url), secret)
    .send("GET", "/health")
    .catch((error: unknown) => String(error));
  if (typeof health === "string" || health.status !== 200) {
    complain(
      `nothing that is a harness answers ${url}/health: ${typeof health === "string" ? health : health.text}`,
    );
    return exitCodes.unreachable;
  }
  const kit = await openKit(options, health.body);
  try {
    const onJudged = (one: Judged): void => {
      if (!isJson) toLines(one).forEach(print);
    };
    const judged = await runRows(options.rows, kit, { atOnce: options.atOnce, onJudged });
    const { passed, failed, skipped } = count(judged);
    print(isJson ? toJson(judged) : `${passed} passed, ${failed} failed, ${skipped} skipped`);
    return failed === 0 ? exitCodes.passed : exitCodes.failed;
  } finally {
    await kit.close();
  }
}
