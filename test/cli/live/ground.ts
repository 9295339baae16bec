import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as z from "zod";
import type { Gate } from "../../e2e/gate.ts";
import { dispatchWaiting } from "../../e2e/waiting-job.ts";
import { openWorld, type World } from "../../e2e/world.ts";
import { type Packed, packHolt, run, type Run, type RunOptions } from "./packed.ts";

/** The packed command, a real Worker with the process engine, and a folder for files. */
export type Ground = {
  readonly world: World;
  readonly packed: Packed;
  readonly dir: string;
  /** What a command needs to reach the Worker. */
  readonly credentials: Readonly<Record<"HOLT_URL" | "HOLT_TOKEN", string>>;
  readonly holt: (args: readonly string[], options?: RunOptions) => Promise<Run>;
  readonly jobFile: (name: string, body: Readonly<Record<string, unknown>>) => Promise<string>;
  /** A job at work whose agent waits in a tool call. */
  readonly waitingJob: (name: string) => Promise<{ readonly gate: Gate; readonly jobId: string }>;
  readonly close: () => Promise<void>;
};

export async function openGround(): Promise<Ground> {
  const packed = await packHolt();
  const dir = await mkdtemp(join(tmpdir(), "holt-cli-files-"));
  const world = await openWorld();
  const gates: Gate[] = [];
  const credentials = { HOLT_URL: world.url, HOLT_TOKEN: world.secrets.token };
  return {
    world,
    packed,
    dir,
    credentials,
    holt: (args, options = {}) => run(packed, args, { ...options, env: { ...credentials, ...options.env } }),
    jobFile: async (name, body) => {
      const path = join(dir, `${name}.json`);
      await writeFile(path, JSON.stringify(body));
      return path;
    },
    waitingJob: async (name) => {
      // Its container goes soon after it: the log is followed until nothing lives.
      const { gate, jobId } = await dispatchWaiting(world, name, { idleMs: 200 });
      gates.push(gate);
      return { gate, jobId };
    },
    close: async () => {
      for (const gate of gates) await gate.close();
      await world.close();
      await packed.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The values of lines of JSON. */
export function jsonLines<S extends z.ZodType>(schema: S, text: string): ReadonlyArray<z.output<S>> {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => schema.parse(JSON.parse(line)));
}

export function one<S extends z.ZodType>(schema: S, text: string): z.output<S> {
  const [value] = jsonLines(schema, text);
  return schema.parse(value);
}
