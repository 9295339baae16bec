/** The kit and a harness under test as programs, for tests. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { findFreePort } from "../../local/engine/listen.ts";
import { beatEnvironment, environment } from "./environment.ts";

const Report = z.object({
  passed: z.number(),
  failed: z.number(),
  skipped: z.number(),
  rows: z.array(
    z.looseObject({
      id: z.string(),
      kind: z.enum(["contract", "beyond"]),
      verdict: z.looseObject({
        kind: z.string(),
        expected: z.string().optional(),
        seen: z.string().optional(),
        reason: z.string().optional(),
      }),
    }),
  ),
});
export type Report = z.infer<typeof Report>;

export type Certified = {
  readonly exitCode: number | null;
  readonly report: Report;
  /** Ids of the rows that failed, and what was seen there. */
  readonly failed: Readonly<Record<string, string>>;
};

export type UnderTest = {
  /** Below this folder. */
  readonly program: string;
  readonly beats?: boolean;
  /** More of the kit's command line. */
  readonly args?: readonly string[];
};

const kit = fileURLToPath(new URL("main.ts", import.meta.url));
const secret = "kit-shared-secret-0123456789";

/** Starts the harness, holds the kit against it, and ends it. */
export async function certify({ program, beats = false, args = [] }: UnderTest): Promise<Certified> {
  const folder = await mkdtemp(join(tmpdir(), "holt-conformance-"));
  const agentDir = join(folder, "agents");
  const objectPort = await findFreePort();
  const harness = spawn(process.execPath, [fileURLToPath(new URL(program, import.meta.url))], {
    stdio: ["ignore", "pipe", "ignore"],
    env: {
      PATH: [agentDir, dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
      HOME: folder,
      TMPDIR: folder,
      PORT: "0",
      HARNESS_SHARED_SECRET: secret,
      ...environment,
      ...(beats && beatEnvironment(objectPort)),
    },
  });
  try {
    const url = `http://127.0.0.1:${await portOf(harness.stdout)}`;
    const where = ["--url", url, "--agent-dir", agentDir, "--object-port", String(objectPort)];
    const { exitCode, stdout } = await runKit([...where, "--secret", secret, "--json", ...args]);
    const report = Report.parse(JSON.parse(stdout));
    const failed = report.rows.filter(({ verdict }) => verdict.kind === "fail");
    return {
      exitCode,
      report,
      failed: Object.fromEntries(failed.map(({ id, verdict }) => [id, verdict.seen ?? ""])),
    };
  } finally {
    if (harness.exitCode === null && harness.signalCode === null) {
      harness.kill("SIGTERM");
      await once(harness, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  }
}

export async function runKit(args: readonly string[]): Promise<{
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}> {
  const child = spawn(process.execPath, [kit, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const told = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (told.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (told.stderr += text));
  await once(child, "close");
  return { exitCode: child.exitCode, ...told };
}

function portOf(output: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: output });
    lines.on("line", (line) => {
      const port = /listening on :(\d+)/.exec(line)?.[1];
      if (port !== undefined) resolve(port);
    });
    lines.once("close", () => reject(new Error("the harness ended before it listened")));
  });
}
