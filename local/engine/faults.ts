import type { Container, EngineContainer } from "./container.ts";
import type { Containers } from "./containers.ts";

/** What a test or a demo can make go wrong. `name` is a container's name or id; an unknown one throws. */
export type Faults = {
  /** Cuts the connections on which the exit is awaited; the container lives on. */
  readonly loseMonitor: (name: string) => void;
  /** The next starts fail with this message. */
  readonly refuseStart: (times: number, message: string) => void;
  /**
   * Until the returned function is called, every start is asked about by the environment that its start options bring; it
   * fails with the message that comes back, if any.
   */
  readonly refuseStarts: (
    toMessage: (env: Readonly<Record<string, string>>) => Promise<string | undefined>,
  ) => () => void;
  /** Nothing intercepted reaches the Worker until it registers with the sidecar again. */
  readonly dropInterceptions: (name: string) => void;
  /** Kills it so that nobody learns an exit code. */
  readonly endWithoutExitCode: (name: string) => Promise<void>;
  /** SIGTERM nobody in the Worker asked for. */
  readonly platformStop: (name: string) => void;
  /** Connections between workerd and the container stay open and carry nothing any more; returns how many bytes were lost so. */
  readonly stopForwarding: (name: string) => () => number;
  /**
   * Until the returned function is called, the process of every container that starts waits before its program begins. It
   * goes on at once where `isHeld` says that it is not meant, else at `goOn`.
   */
  readonly holdStarts: (isHeld: (container: EngineContainer) => Promise<boolean>) => () => void;
  readonly goOn: (name: string) => void;
  /** Until the returned function is called, what `isHeld` says is not removed: whoever asks for it waits. */
  readonly holdRemovals: (isHeld: (container: EngineContainer) => boolean) => () => void;
  /** SIGKILL as memory runs out: exit code 137, marked as out of memory. */
  readonly outOfMemory: (name: string) => void;
};

/** Orders for what has not happened yet; the API asks for them. */
export type FaultOrders = {
  readonly takeRefusal: (container: Container) => Promise<string | undefined>;
  /** Starts it; resolves when it is known whether it is held. */
  readonly start: (container: Container) => Promise<void>;
  /** Resolves when it may be removed. */
  readonly passRemoval: (container: Container) => Promise<void>;
};

export function makeFaults(containers: Containers): {
  readonly faults: Faults;
  readonly orders: FaultOrders;
} {
  const refusals: string[] = [];
  const refusers = new Set<(env: Readonly<Record<string, string>>) => Promise<string | undefined>>();
  const holders = new Set<(container: EngineContainer) => Promise<boolean>>();
  const start = async (container: Container): Promise<void> => {
    const asking = [...holders];
    await container.start({ isHeld: asking.length > 0 });
    const held = await Promise.all(asking.map((isHeld) => isHeld(container.snapshot())));
    if (!held.includes(true)) container.goOn();
  };
  const takeRefusal = async ({ startEnv }: Container): Promise<string | undefined> => {
    const next = refusals.shift();
    if (next !== undefined) return next;
    const messages = await Promise.all([...refusers].map((toMessage) => toMessage(startEnv)));
    return messages.find((message) => message !== undefined);
  };
  const removalHolds = new Map<(container: EngineContainer) => boolean, Promise<void>>();
  const passRemoval = async (container: Container): Promise<void> => {
    for (const [isHeld, released] of removalHolds) if (isHeld(container.snapshot())) await released;
  };
  const get = (name: string): Container => {
    const container = containers.find(name);
    if (container === undefined) throw new Error(`no container ${name}`);
    return container;
  };
  return {
    orders: { takeRefusal, start, passRemoval },
    faults: {
      loseMonitor: (name) => get(name).cutWaits(),
      refuseStart: (times, message) => {
        for (let left = times; left > 0; left -= 1) refusals.push(message);
      },
      refuseStarts: (toMessage) => {
        refusers.add(toMessage);
        return () => refusers.delete(toMessage);
      },
      dropInterceptions: (name) => get(name).sidecar.egress.drop(),
      endWithoutExitCode: (name) => get(name).vanish(),
      platformStop: (name) => get(name).signal("SIGTERM"),
      stopForwarding: (name) => {
        const { wire } = get(name).sidecar;
        wire.goDead();
        return wire.droppedBytes;
      },
      holdStarts: (isHeld) => {
        holders.add(isHeld);
        return () => holders.delete(isHeld);
      },
      goOn: (name) => get(name).goOn(),
      holdRemovals: (isHeld) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        removalHolds.set(isHeld, promise);
        return () => {
          removalHolds.delete(isHeld);
          resolve();
        };
      },
      outOfMemory: (name) => get(name).killForMemory(),
    },
  };
}
