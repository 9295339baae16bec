/** Reads a board again and again, by what changed of it: where nothing did, an answer has no body. */

import type { Client } from "../../../shared/client/calls.ts";
import type { Asked } from "../live/poller.ts";
import { type Skew, toSkew } from "../live/skew.ts";
import { type Cards, isLive, takePage } from "./cards.ts";

export type BoardRead = {
  readonly board: string;
  /** Null before all pages of the first reading are there. */
  readonly cards: Cards | null;
  /** How far the board's clock is ahead of this one. */
  readonly skewMs: number;
};

export type BoardPorts = {
  readonly board: string;
  readonly client: (signal: AbortSignal) => Client<Response>;
  readonly now: () => number;
  readonly onRead: (read: BoardRead) => void;
};

export function createBoardReader({
  board,
  client,
  now,
  onRead,
}: BoardPorts): (signal: AbortSignal) => Promise<Asked> {
  let reading: { readonly cards: Cards; readonly since: string; readonly etag: string | null } = {
    cards: new Map(),
    since: "0",
    etag: null,
  };
  let nextMs: number | null = null;
  let skew: Skew | null = null;
  const answered = (again: boolean): Asked => {
    return { kind: "answered", isLive: [...reading.cards.values()].some(isLive), nextMs, again };
  };
  return async (signal) => {
    const { since, etag, cards } = reading;
    const sentAt = now();
    const reply = await client(signal).poll("board", { path: { board }, query: { since } }, etag);
    if (reply.kind === "failed") return reply;
    // What was given up is older than what has been read meanwhile.
    if (reply.kind === "unchanged" || signal.aborted) return answered(false);
    const page = reply.value;
    reading = { cards: takePage(cards, page), since: page.next, etag: reply.etag };
    nextMs = page.nextMs;
    skew = toSkew(skew, { sentAt, asOf: page.asOf, receivedAt: now() });
    if (!page.more) onRead({ board, cards: reading.cards, skewMs: skew.ms });
    return answered(page.more);
  };
}
