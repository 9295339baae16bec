/** Waits until a server of ours answers on its port. */

import { request } from "node:http";
import type { Clock } from "../ports.ts";
import { describeExit, isSuccess } from "../process/exit.ts";
import type { Crew, Server } from "./crew.ts";
import { findOwner } from "./listeners.ts";

export type Readiness = { readonly kind: "up" } | { readonly kind: "down"; readonly problem: string };

export type Awaited = {
  /** What it is called in a text. */
  readonly name: string;
  readonly server: Server;
  readonly port: number;
  readonly url: string;
};

export type ReadinessOptions = {
  readonly crew: Pick<Crew, "members">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
};

const pollMs = 1_000;
const probeMs = 5_000;
const readyMs = 90_000;
/** How long a command that ended well may leave its server to answer. */
const detachedMs = 30_000;

/**
 * Any HTTP status counts, if it is a process of the job that gives it. A server that fails is noticed at once; a command
 * that ends well may have left its server in the background, which is waited for while anything of the job lives.
 */
export async function waitUntilReady(awaited: Awaited, options: ReadinessOptions): Promise<Readiness> {
  const { server, url, port } = awaited;
  const { clock, crew } = options;
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  let deadline = clock.now() + readyMs;
  const heedItsEnd = async (): Promise<void> => {
    const { exit } = await server.ended;
    deadline = Math.min(deadline, clock.now() + detachedMs);
    if (!isSuccess(exit)) over.abort();
  };
  void heedItsEnd();
  let isForeign = false;
  while (!signal.aborted && clock.now() < deadline) {
    const members = await crew.members();
    if (server.end() !== null && members.size === 0) break;
    if (await isAnswering(url, clock, signal)) {
      const owner = await findOwner(port, members);
      isForeign = owner === "foreign";
      if (owner === "ours" || owner === "unknown") {
        over.abort();
        return { kind: "up" };
      }
    }
    await clock.sleep(pollMs, signal).catch(() => undefined);
  }
  return { kind: "down", problem: problemOf(awaited, isForeign) };
}

function problemOf({ name, server, port, url }: Awaited, isForeign: boolean): string {
  const end = server.end();
  const inUse = isForeign ? `${portInUse(port)}; ` : "";
  if (end === null) return `${inUse}${name} did not answer at ${url} within ${readyMs / 1000}s`;
  const lines = end.lastLines.length === 0 ? "" : `: ${end.lastLines.join("\n")}`;
  return `${inUse}${name} (${server.argv.join(" ")}) ${describeExit(end.exit)} before it answered${lines}`;
}

export function portInUse(port: number): string {
  return `port ${port} is in use by another process`;
}

async function isAnswering(url: string, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  const late = clock.sleep(probeMs, AbortSignal.any([signal, over.signal])).then(
    () => false,
    () => false,
  );
  try {
    return await Promise.race([answers(url, over.signal), late]);
  } finally {
    over.abort();
  }
}

/** An agent of its own: a proxy that the environment names has no way to this machine's ports. */
function answers(url: string, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const sent = request(url, { agent: false, signal });
  sent.once("response", (response) => {
    response.destroy();
    resolve(true);
  });
  sent.on("error", () => resolve(false));
  sent.end();
  return promise;
}
