/** The harness as its own program, spoken to over HTTP. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { installedBin, nodeFolder } from "./install.ts";

export type HarnessOptions = {
  /** Its temporary files; an agent of another user must be able to pass through it. */
  readonly temporary: string;
  /** By its number, so that it needs no entry in /etc/passwd; null: agents are the harness's own user's. */
  readonly agentUser: number | null;
};

export type HarnessProcess = {
  /** Dispatches a job and reads it until it has ended; stops it as soon as `stopWhen` is so. */
  readonly run: (body: Body, stopWhen?: () => Promise<boolean>) => Promise<EndedJob>;
  readonly close: () => Promise<void>;
};

const SpanView = z.looseObject({ tool: z.string(), ok: z.boolean() });
const ProgressView = z.looseObject({ completed: z.number(), total: z.number() });

const View = z.looseObject({
  state: z.enum(["running", "done", "failed"]),
  error: z.string().optional(),
  failureCause: z.string().optional(),
  progress: ProgressView.optional(),
  spans: z.array(SpanView).optional(),
  result: z
    .looseObject({
      summary: z.string().optional(),
      error: z.string().optional(),
      pushed: z.boolean().optional(),
      prUrl: z.string().optional(),
      custom: z.unknown().optional(),
      usage: z.looseObject({ inputTokens: z.number(), outputTokens: z.number() }).optional(),
    })
    .optional(),
});
type View = z.infer<typeof View>;

/** The last view, and what earlier ones told only once. */
export type EndedJob = View & {
  readonly spans: readonly z.infer<typeof SpanView>[];
  readonly tookMs: number;
};

type Body = Readonly<Record<string, unknown>>;

const stop = { cause: "cancelled", graceMs: 5_000 } as const;

const main = fileURLToPath(new URL("../../container/main.ts", import.meta.url));
const pollMs = 200;

export async function startHarnessProcess(options: HarnessOptions): Promise<HarnessProcess> {
  const child = spawn(process.execPath, [main], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: `${installedBin}:${nodeFolder}:/usr/local/bin:/usr/bin:/bin`,
      HOME: options.temporary,
      TMPDIR: options.temporary,
      PORT: "0",
      GITHUB_ALLOWED_HOSTS: "127.0.0.1",
      ...(options.agentUser !== null && { HARNESS_AGENT_USER: String(options.agentUser) }),
    },
  });
  const exited = once(child, "exit");
  const port = await new Promise<string>((resolve, reject) => {
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => {
      const found = /^executor-harness listening on :(\d+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", (code) => reject(new Error(`the harness ended with ${code}`)));
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    run: (body, stopWhen) => runJob(url, body, stopWhen),
    close: async () => {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function runJob(url: string, body: Body, stopWhen?: () => Promise<boolean>): Promise<EndedJob> {
  const startedAt = performance.now();
  const dispatched = await fetch(`${url}/jobs`, { method: "POST", body: JSON.stringify(body) });
  if (dispatched.status !== 202) throw new Error(`not accepted: ${await dispatched.text()}`);
  const spans: z.infer<typeof SpanView>[] = [];
  let progress: View["progress"];
  let isStopped = false;
  const job = `${url}/jobs/${encodeURIComponent(String(body["jobId"]))}`;
  for (;;) {
    if (!isStopped && (await stopWhen?.()) === true) {
      isStopped = true;
      await fetch(job, { method: "DELETE", body: JSON.stringify(stop) });
    }
    const response = await fetch(job);
    const view = View.parse(await response.json());
    spans.push(...(view.spans ?? []));
    progress = view.progress ?? progress;
    const tookMs = performance.now() - startedAt;
    if (view.state !== "running")
      return { ...view, ...(progress !== undefined && { progress }), spans, tookMs };
    await sleep(pollMs);
  }
}
