import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { AttemptEnvelope } from "../../../shared/harness-wire.ts";
import { openWorld, type World } from "../world.ts";

/** What every puppet does from its boot on. */
export type Orders = {
  readonly ready?: false;
  readonly exitCode?: number;
  readonly jobs?: "unknown" | "broken";
  readonly holdJobs?: true;
};

export type PuppetWorld = World & {
  readonly order: (orders: Orders) => Promise<void>;
  /** The puppet of a job, once it was given that attempt (the first unless said). */
  readonly puppetOf: (jobId: string, attempt?: number) => Promise<Puppet>;
};

export type Puppet = {
  readonly envelope: AttemptEnvelope;
  readonly boot: string;
  /** A beat as the harness would send it now. */
  readonly beat: (patch?: Record<string, unknown>) => Record<string, unknown>;
  /** Posts through the container's own network; `key` defaults to the attempt's. */
  readonly post: (
    beat: unknown,
    options?: { key?: string | null; text?: string; headers?: Record<string, string> },
  ) => Promise<Posted>;
  readonly release: () => Promise<void>;
  readonly exit: (code: number) => Promise<void>;
  /** Exits, and leaves a beat on its way that arrives when `url` has answered: networks are slower than ends. */
  readonly exitBeforeBeat: (code: number, beat: unknown, url: string) => Promise<void>;
};

const Posted = z.object({ status: z.int(), body: z.looseObject({}).nullable() });
export type Posted = z.infer<typeof Posted>;
const Jobs = z.object({
  boot: z.string(),
  instance: z.string(),
  jobs: z.array(z.looseObject({ jobId: z.string(), holtAttempt: AttemptEnvelope })),
});

export async function openPuppetWorld(): Promise<PuppetWorld> {
  const dir = await mkdtemp(join(tmpdir(), "holt-puppet-"));
  const path = join(dir, "orders.json");
  const order = (orders: Orders): Promise<void> => writeFile(path, JSON.stringify(orders));
  await order({});
  const world = await openWorld({
    configPath: "test/e2e/puppet/wrangler.toml",
    containerEnv: { PUPPET_ORDERS: path },
  });
  return {
    ...world,
    order,
    puppetOf: (jobId, attempt = 1) => findPuppet(world, jobId, attempt),
    close: async () => {
      await world.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function findPuppet(world: World, jobId: string, attempt: number): Promise<Puppet> {
  await world.until(jobId, (view) => view.attempt >= attempt);
  const container = (await world.containersOf(jobId)).at(-1);
  if (container === undefined) throw new Error(`no container of job ${jobId}`);
  const pull = async (string: string, body: unknown): Promise<unknown> => {
    const url = `http://127.0.0.1:${container.port}/puppet/${string}`;
    const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
    return response.json();
  };
  const { boot, envelope } = await untilGiven(pull, jobId, attempt);
  return {
    envelope,
    boot,
    beat: (patch = {}) => ({
      v: 1,
      jobId,
      attempt: envelope.attempt,
      instance: envelope.instance,
      boot,
      sentAt: 1,
      phase: "agent",
      outputAgeMs: null,
      toolAgeMs: null,
      events: [],
      ...patch,
    }),
    post: async (beat, { key = envelope.beatKey, text, headers = {} } = {}) =>
      Posted.parse(
        await pull("beat", {
          beat,
          headers,
          ...(key === null ? {} : { key }),
          ...(text === undefined ? {} : { text }),
        }),
      ),
    release: async () => {
      await pull("release", {});
    },
    exit: async (code) => {
      await pull("exit", { code });
    },
    exitBeforeBeat: async (code, beat, url) => {
      await pull("exit", { code, late: { url, beat: JSON.stringify(beat), key: envelope.beatKey } });
    },
  };
}

/** The attempt is stored before its POST leaves; the puppet may be asked a moment before it arrives. */
async function untilGiven(
  pull: (string: string, body: unknown) => Promise<unknown>,
  jobId: string,
  attempt: number,
): Promise<{ boot: string; envelope: AttemptEnvelope }> {
  for (let tries = 0; tries < 500; tries += 1) {
    const { boot, jobs } = Jobs.parse(await pull("jobs", {}));
    const job = jobs.find((each) => each.jobId === jobId && each.holtAttempt.attempt === attempt);
    if (job !== undefined) return { boot, envelope: job.holtAttempt };
  }
  throw new Error(`the puppet was never given job ${jobId}`);
}
