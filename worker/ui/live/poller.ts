/**
 * Asks again and again, in step with the pace: not while nobody looks, at once when somebody looks again. One call is
 * under way at a time; a call of before the tab was hidden is given up, since its connection may be dead.
 */

import type { CallFailure } from "../../../shared/client/call-failure.ts";
import { pauseOf } from "./pace.ts";

/** What a call came to. `again`: there is more to be read at once. */
export type Asked =
  | {
      readonly kind: "answered";
      readonly isLive: boolean;
      readonly nextMs: number | null;
      readonly again?: boolean;
    }
  | { readonly kind: "failed"; readonly failure: CallFailure; readonly retryAfterMs?: number };

/** How it stands with the server, for people. */
export type Connection = {
  /** When something was answered last; null before the first time. */
  readonly answeredAt: number | null;
  /** Null while all is well. */
  readonly failure: CallFailure | null;
  readonly failures: number;
};

export const noConnection: Connection = { answeredAt: null, failure: null, failures: 0 };

export type PollerPorts = {
  readonly now: () => number;
  readonly random: () => number;
  readonly after: (ms: number, callback: () => void) => () => void;
  readonly isVisible: () => boolean;
  /** Visible or hidden, or the network is there again. */
  readonly onStir: (listener: () => void) => () => void;
};

export type Poller = {
  /** Asks at once: something was changed from here. */
  readonly poke: () => void;
  readonly stop: () => void;
};

export function startPolling(
  ports: PollerPorts,
  ask: (signal: AbortSignal) => Promise<Asked>,
  onConnection: (connection: Connection) => void,
): Poller {
  let connection = noConnection;
  let call: AbortController | null = null;
  let cancelWait = (): void => undefined;
  let isStopped = false;

  const ring = async (): Promise<void> => {
    cancelWait();
    call?.abort();
    const own = new AbortController();
    call = own;
    const asked = await ask(own.signal);
    if (call !== own || isStopped) return;
    call = null;
    const isAnswer = asked.kind === "answered";
    const failures = isAnswer ? 0 : connection.failures + 1;
    connection = isAnswer
      ? { answeredAt: ports.now(), failure: null, failures }
      : { ...connection, failure: asked.failure, failures };
    onConnection(connection);
    if (!ports.isVisible()) return;
    if (isAnswer && asked.again === true) return ring();
    const ms = pauseOf({
      failures,
      isLive: isAnswer && asked.isLive,
      nextMs: isAnswer ? asked.nextMs : null,
      retryAfterMs: isAnswer ? null : (asked.retryAfterMs ?? null),
      random: ports.random(),
    });
    cancelWait = ports.after(ms, () => void ring());
  };

  const unlisten = ports.onStir(() => {
    cancelWait();
    if (ports.isVisible()) void ring();
  });
  if (ports.isVisible()) void ring();
  return {
    poke: () => void ring(),
    stop: () => {
      isStopped = true;
      cancelWait();
      call?.abort();
      unlisten();
    },
  };
}
