/**
 * Asks again and again, in step with the pace: not while nobody looks, at once when somebody looks again. One call is
 * under way at a time; a call of before the tab was hidden is given up, since its connection may be dead.
 */

import type { CallFailure } from "../../../shared/client/call-failure.ts";
import { isRefusal, pauseOf } from "./pace.ts";

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
  /** Until when that is the newest there can be: later, an answer is overdue. */
  readonly freshUntil: number;
  /** Null while all is well. */
  readonly failure: CallFailure | null;
  readonly failures: number;
};

export const noConnection: Connection = { answeredAt: null, freshUntil: 0, failure: null, failures: 0 };

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
    const asked = await ask(own.signal).catch(toFailed);
    if (call !== own || isStopped) return;
    call = null;
    const isAnswer = asked.kind === "answered";
    const failures = isAnswer ? 0 : connection.failures + 1;
    const ms = pauseOf({
      failures,
      isRefused: !isAnswer && isRefusal(asked.failure),
      isLive: isAnswer && asked.isLive,
      nextMs: isAnswer ? asked.nextMs : null,
      retryAfterMs: isAnswer ? null : (asked.retryAfterMs ?? null),
      random: ports.random(),
    });
    const now = ports.now();
    connection = isAnswer
      ? { answeredAt: now, freshUntil: now + FRESH_PAUSES * ms, failure: null, failures }
      : { ...connection, failure: asked.failure, failures };
    onConnection(connection);
    if (!ports.isVisible()) return;
    if (isAnswer && asked.again === true) return ring();
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

/** An answer is due once a pause; three leave room for a slow one and a lost one. */
const FRESH_PAUSES = 3;

/** What was answered cannot be read, as after a deployment of a later version: the asking goes on. */
function toFailed(error: unknown): Asked {
  const told = `An answer makes no sense to this page (${String(error)})`;
  const failure = { code: "unexpected-answer", error: told, status: null, requestId: null } as const;
  return { kind: "failed", failure: { ...failure, retryable: true } };
}
