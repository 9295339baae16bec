import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestHarness } from "wrangler";
import * as z from "zod";
import { startEngine, type Engine, type EngineContainer } from "../../../local/engine/engine.ts";

/** The fixture's Worker in real workerd. Every box is a Durable Object with a container of its own. */
export type Rig = {
  readonly box: (name: string) => Box;
  readonly close: () => Promise<void>;
};
export type EngineRig = Rig & {
  readonly engine: Engine;
  /** The newest container of a box. */
  readonly containerOf: (name: string) => Promise<EngineContainer>;
};
export type Box = {
  readonly call: (path: string, body?: object) => Promise<unknown>;
  /** The body that the program got when it called out with `client`. */
  readonly callOut: (client: string, target: string) => Promise<unknown>;
  readonly start: (options?: StartOptions) => Promise<void>;
  /** The program's facts, once it answers. */
  readonly untilReady: () => Promise<Facts>;
  readonly monitor: () => Promise<z.infer<typeof Monitored>>;
  readonly state: () => Promise<z.infer<typeof State>>;
  readonly inspect: () => Promise<unknown>;
};
export type StartOptions = {
  readonly env?: Record<string, string>;
  readonly labels?: Record<string, string>;
  readonly intercept?: string;
  readonly props?: object;
  readonly internet?: boolean;
  readonly inactivityMs?: number;
  readonly monitor?: boolean;
};

const Facts = z.object({
  boot: z.string(),
  pid: z.number(),
  cwd: z.string(),
  env: z.record(z.string(), z.string()),
});
export type Facts = z.infer<typeof Facts>;
const Monitored = z.object({
  state: z.enum(["resolved", "rejected"]),
  message: z.string().optional(),
  exitCode: z.number().optional(),
});
const State = z.object({
  running: z.boolean(),
  runningAtStart: z.boolean(),
  monitor: z.enum(["none", "pending", "resolved", "rejected"]),
});
const CalledOut = z.object({ body: z.string() });
const Inspected = z.object({ inspect: z.unknown() });

/** Against the Docker Engine that `ENGINE` names, or else the process engine. */
export async function startRig(): Promise<Rig> {
  const address = process.env["ENGINE"];
  return address === undefined
    ? startEngineRig()
    : startHarness({ WRANGLER_DOCKER_HOST: address, DOCKER_HOST: address });
}

/** With the process engine, which can also be told to fail. */
export async function startEngineRig(): Promise<EngineRig> {
  const stateDir = await mkdtemp(join(tmpdir(), "holt-engine-test-"));
  const engine = await startEngine({ stateDir, log: () => undefined });
  const rig = await startHarness(engine.env);
  return {
    ...rig,
    engine,
    containerOf: async (name) => {
      // The name of the object is not part of the container's name: the program is told it.
      const own = (container: EngineContainer): boolean => container.env["BOX"] === name;
      await engine.waitFor((containers) => containers.some(own));
      const found = engine.containers().findLast(own);
      if (found === undefined) throw new Error(`no container of box ${name}`);
      return found;
    },
    close: async () => {
      await rig.close();
      await engine.close();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

async function startHarness(engineEnv: Readonly<Record<string, string>>): Promise<Rig> {
  const env = { ...engineEnv, WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" };
  const before = Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]));
  Object.assign(process.env, env);
  const harness = createTestHarness({
    root: join(import.meta.dirname, "fixture"),
    workers: [{ configPath: "wrangler.toml" }],
  });
  const { url } = await harness.listen();
  return {
    box: (name) => makeBox(name, url),
    close: async () => {
      await harness.close();
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    },
  };
}

function makeBox(name: string, url: URL): Box {
  const call = async (path: string, body?: object): Promise<unknown> => {
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(new URL(`${name}${path}`, url), init);
    return response.json();
  };
  return {
    call,
    callOut: async (client, target) => {
      const { body } = CalledOut.parse(await call(`/inside/${client}?url=${encodeURIComponent(target)}`));
      return JSON.parse(body);
    },
    start: async ({ env = {}, ...options } = {}) => {
      await call("/start", { ...options, env: { ...env, BOX: name } });
    },
    untilReady: async () => {
      const givenUp = AbortSignal.timeout(30_000);
      for (;;) {
        const facts = Facts.safeParse(await call("/inside/facts"));
        if (facts.success) return facts.data;
        givenUp.throwIfAborted();
      }
    },
    monitor: async () => Monitored.parse(await call("/monitor")),
    state: async () => State.parse(await call("/state")),
    inspect: async () => Inspected.parse(await call("/inspect")).inspect,
  };
}

/** Whether a process of that id is there; a zombie, which only waits to be collected, is not. */
export async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => undefined);
  return stat !== undefined && stat.slice(stat.lastIndexOf(")")).split(" ")[1] !== "Z";
}
