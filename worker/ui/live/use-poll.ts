import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { after, now, onOnline, random, visibility } from "../system.ts";
import {
  type Asked,
  type Connection,
  noConnection,
  type Poller,
  type PollerPorts,
  startPolling,
} from "./poller.ts";

const ports: PollerPorts = {
  now,
  random,
  after,
  isVisible: visibility.isVisible,
  onStir: (listener) => {
    const ends = [visibility.onChange(listener), onOnline(listener)];
    return () => {
      for (const end of ends) end();
    };
  },
};

/** Polls as long as it is shown; begins anew with every other `ask`, which is to be memoised. */
export function usePoll(ask: (signal: AbortSignal) => Promise<Asked>): {
  readonly connection: Connection;
  readonly poke: () => void;
} {
  const [connection, setConnection] = useState<Connection>(noConnection);
  const poller = useRef<Poller | null>(null);
  useEffect(() => {
    setConnection(noConnection);
    const started = startPolling(ports, ask, setConnection);
    poller.current = started;
    return started.stop;
  }, [ask]);
  return { connection, poke: useCallback(() => poller.current?.poke(), []) };
}
