import type { Duplex } from "node:stream";
import { joinConnections } from "./tunnel.ts";

/** The joined connections of a container, both ways. */
export type Wire = {
  /** As `joinConnections`; on a dead wire nothing passes. */
  readonly join: (first: Duplex, second: Duplex, head: Uint8Array) => void;
  /** From here on both ends keep their connections, new ones included, and no byte passes. */
  readonly goDead: () => void;
  /** Another container begins behind it: its connections pass; those that went dead stay so. */
  readonly renew: () => void;
  /** What a dead wire took and did not pass on. */
  readonly droppedBytes: () => number;
};

export function makeWire(): Wire {
  const pairs = new Set<readonly [Duplex, Duplex]>();
  let isDead = false;
  let dropped = 0;
  const deaden = ([first, second]: readonly [Duplex, Duplex]): void => {
    for (const [from, to] of [
      [first, second],
      [second, first],
    ] as const) {
      from.unpipe(to);
      from.on("data", (chunk: Uint8Array) => {
        dropped += chunk.byteLength;
      });
      // What was unpiped stands still.
      from.resume();
    }
  };
  return {
    join: (first, second, head) => {
      const pair = [first, second] as const;
      joinConnections(first, second, isDead ? new Uint8Array() : head);
      pairs.add(pair);
      first.once("close", () => pairs.delete(pair));
      if (!isDead) return;
      dropped += head.byteLength;
      deaden(pair);
    },
    goDead: () => {
      isDead = true;
      for (const pair of pairs) deaden(pair);
    },
    renew: () => {
      isDead = false;
      pairs.clear();
    },
    droppedBytes: () => dropped,
  };
}
