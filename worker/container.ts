/** The platform's container behind the port: raw `ctx.container`, one call a method, each with an end. */

import { BEAT_HOST } from "../shared/beat.ts";
import type { ContainerPort, MonitorEnd, StartOptions } from "./ports.ts";
import { withTimeout } from "./timeout.ts";

/** The port on which the harness listens inside the container. */
export const HARNESS_PORT = 8080;

/** Makes the entrypoint that answers the beats of one instance: `ctx.exports.Beats`. */
export type BeatRoute = (options: {
  readonly props: { readonly executionId: string; readonly instance: string };
}) => Fetcher;

/** What of an object's context belongs to its container. */
export type ContainerContext = {
  readonly container?: PlatformContainer | undefined;
  readonly id: { readonly name?: string | undefined };
};

/** What of `ctx.container` is used here. */
export type PlatformContainer = Pick<
  Container,
  | "running"
  | "images"
  | "start"
  | "monitor"
  | "destroy"
  | "signal"
  | "getTcpPort"
  | "setInactivityTimeout"
  | "interceptOutboundHttp"
  | "inspect"
>;

/** Throws where the class has no `[[containers]]` entry: such a deployment can carry out nothing. */
export function createContainerPort(
  ctx: ContainerContext,
  exports: { readonly Beats: BeatRoute },
): ContainerPort {
  const container = ctx.container;
  if (container === undefined) throw new Error("this Worker's configuration gives Execution no container");
  const executionId = ctx.id.name;
  return {
    running: () => container.running,
    start: (options) => container.start(startOptions(container.images, options)),
    monitor: () => monitorEnd(container),
    signal: (signo) => container.signal(signo),
    // Without a reason: with one, `monitor()` rejects with that reason and tells no exit code (137), which proves the end.
    destroy: () => withTimeout(container.destroy(), "destroy", DESTROY_TIMEOUT_MS),
    inspect: () => inspect(container),
    fetch: (request, timeoutMs) =>
      container.getTcpPort(HARNESS_PORT).fetch(request, { signal: AbortSignal.timeout(timeoutMs) }),
    keepAlive: (durationMs) =>
      withTimeout(container.setInactivityTimeout(durationMs), "setInactivityTimeout", CALL_TIMEOUT_MS),
    routeBeats: (instance) => {
      if (executionId === undefined) throw new Error("an execution is addressed by its name");
      const beats = exports.Beats({ props: { executionId, instance } });
      return withTimeout(container.interceptOutboundHttp(BEAT_HOST, beats), "intercept", CALL_TIMEOUT_MS);
    },
  };
}

/**
 * What a start asks of the platform. The internet is on: specs carry the git token and the agent calls its model itself.
 * Image and size are choices of the `durable_object` scheduling policy; under the default one neither is given.
 */
export function startOptions(
  images: Readonly<Record<string, string>>,
  { image, size, env }: StartOptions,
): ContainerStartupOptions {
  const reference = images[image];
  if (reference === undefined) throw new Error(`wrangler.toml names no container image '${image}'`);
  return { image: reference, instance: size, env: { ...env }, enableInternet: true };
}

// Neither call does work of its own; a slow one means that the platform has lost the container's host.
const CALL_TIMEOUT_MS = 5_000;
const DESTROY_TIMEOUT_MS = 15_000;

async function monitorEnd(container: PlatformContainer): Promise<MonitorEnd> {
  try {
    await container.monitor();
    return { kind: "exited", code: 0, message: "exited with code 0" };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = exitCodeOf(error);
    return code === null ? { kind: "lost", message } : { kind: "exited", code, message };
  }
}

function exitCodeOf(error: unknown): number | null {
  if (typeof error !== "object" || error === null || !("exitCode" in error)) return null;
  const { exitCode } = error;
  return typeof exitCode === "number" ? exitCode : null;
}

async function inspect(container: PlatformContainer): Promise<boolean | null> {
  try {
    return (await withTimeout(container.inspect(), "inspect", CALL_TIMEOUT_MS)) !== null;
  } catch {
    return null; // A failed question is no answer, and the caller treats it as none.
  }
}
