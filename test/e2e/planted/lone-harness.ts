import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text as readText } from "node:stream/consumers";
import type { Egress } from "../../../local/engine/egress.ts";
import { startEgressProxy } from "../../../local/engine/egress-proxy.ts";
import { makeWire } from "../../../local/engine/wire.ts";
import { createRecording, listenOnLoopback } from "../../../local/http-server.ts";
import { projectRoot } from "../../../local/stand-ins.ts";
import { Beat } from "../../../shared/beat.ts";
import { ATTEMPT_FIELD, HarnessView, SECRET_HEADER } from "../../../shared/harness-wire.ts";
import type { JobBody } from "../world.ts";
import { asBytes, type Exit } from "./traces.ts";

/** The harness as a process, with this test in the place of its object: every byte between the two is kept. */
export type LoneHarness = {
  /** Carries a job out while it is read in every way there is. */
  readonly carryOut: (job: JobBody) => Promise<HarnessView>;
  readonly beats: () => readonly Exit[];
  readonly answers: () => readonly Exit[];
  readonly output: () => readonly Exit[];
  readonly close: () => Promise<void>;
};

export type LoneHarnessOptions = {
  /** Exists; everything of this harness lies below it. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly beatKey: string;
};

const instance = "instance-of-a-test";
const controlKey = "the-control-key-of-a-test";

export async function startLoneHarness({ folder, env, beatKey }: LoneHarnessOptions): Promise<LoneHarness> {
  const object = await startObject();
  const [home, temporary, workspace] = ["home", "tmp", "workspace"].map((name) => join(folder, name));
  for (const path of [home, temporary, workspace]) await mkdir(path ?? folder, { recursive: true });
  const harness = spawn(process.execPath, [join(projectRoot, "container/main.ts")], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...env,
      HOME: home,
      TMPDIR: temporary,
      HARNESS_WORKSPACE_ROOT: workspace,
      HARNESS_INSTANCE: instance,
      HARNESS_HOST: "127.0.0.1",
      PORT: "0",
      HTTP_PROXY: object.proxyUrl,
      NO_PROXY: "127.0.0.1",
      NODE_USE_ENV_PROXY: "1",
    },
  });
  const lines: string[] = [];
  const listening = Promise.withResolvers<number>();
  for (const stream of [harness.stdout, harness.stderr]) {
    createInterface(stream).on("line", (line) => {
      lines.push(line);
      const port = /listening on :(\d+)/.exec(line)?.[1];
      if (port !== undefined) listening.resolve(Number(port));
    });
  }
  harness.once("exit", () => listening.reject(new Error(`no harness: ${lines.join("\n")}`)));
  const url = `http://127.0.0.1:${await listening.promise}`;
  const answers: Exit[] = [];
  const ask = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    // a connection of its own: between two jobs an idle one may end just when it is used again
    const headers = { [SECRET_HEADER]: controlKey, connection: "close" };
    const response = await fetch(url + path, { ...init, headers });
    const text = await response.text();
    answers.push({ what: `${init.method ?? "GET"} ${path} of the harness`, text: asBytes(text) });
    return JSON.parse(text);
  };
  return {
    carryOut: async (job) => {
      const attempt = toAttempt(beatKey);
      await ask("/jobs", { method: "POST", body: JSON.stringify({ ...job, [ATTEMPT_FIELD]: attempt }) });
      const path = `/jobs/${job.jobId}`;
      const isEnd = (beat: Beat): boolean => beat.jobId === job.jobId && beat.terminal !== undefined;
      const isAtWork = (beat: Beat): boolean => beat.jobId === job.jobId && beat.phase === "agent";
      await object.beats.waitFor((beat) => isAtWork(beat) || isEnd(beat));
      await ask(`${path}?after=0`);
      await object.beats.waitFor(isEnd);
      await ask(`${path}?after=0`);
      const view = HarnessView.parse(await ask(path));
      await ask(path);
      return view;
    },
    beats: () => object.bodies.map((text, index) => ({ what: `beat ${index}`, text: asBytes(text) })),
    answers: () => [...answers],
    output: () => [{ what: "the harness's output", text: asBytes(lines.join("\n")) }],
    close: async () => {
      if (harness.exitCode === null && harness.signalCode === null) {
        harness.kill("SIGKILL");
        await once(harness, "exit");
      }
      await object.close();
    },
  };
}

/** Limits that no job comes near, however busy the machine. */
function toAttempt(beatKey: string): object {
  const limits = {
    cloneMs: 600_000,
    setupMs: 600_000,
    pushMs: 600_000,
    inactivityMs: 600_000,
    maxDurationMs: 600_000,
    marginMs: 10_000,
    checkpointMs: 60_000,
    killGraceMs: 1_000,
  };
  return { executionId: "exec_lone", instance, attempt: 1, round: 1, beatKey, nextBeatMs: 200, limits };
}

/** Takes beats behind the proxy that a container's process finds in its environment. */
async function startObject() {
  const beats = createRecording<Beat>();
  const bodies: string[] = [];
  const acknowledged = new Map<string, number>();
  const server = await listenOnLoopback(async (request, response) => {
    const body = await readText(request);
    bodies.push(body);
    const beat = Beat.parse(JSON.parse(body));
    const ack = Math.max(acknowledged.get(beat.jobId) ?? 0, ...beat.events.map(({ seq }) => seq));
    acknowledged.set(beat.jobId, ack);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ ack, directives: [], nextBeatMs: 200 }));
    beats.add(beat);
  });
  const dial: Egress["dial"] = async () => {
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    await once(socket, "connect");
    return { kind: "open", by: "worker", socket, head: Buffer.alloc(0) };
  };
  const egress: Egress = { port: () => null, set: () => undefined, drop: () => undefined, dial };
  const proxy = await startEgressProxy({ egress, wire: makeWire(), log: () => undefined });
  const close = async (): Promise<void> => {
    await proxy.close();
    await server.close();
  };
  return { proxyUrl: proxy.url, beats, bodies, close };
}
