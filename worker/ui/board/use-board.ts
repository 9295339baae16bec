import { useCallback, useState } from "preact/hooks";
import type { Asked, Connection } from "../live/poller.ts";
import { usePoll } from "../live/use-poll.ts";
import { useSession } from "../session.tsx";
import { now } from "../system.ts";
import { type Cards, isLive, takePage } from "./cards.ts";

export type BoardRead = {
  readonly board: string;
  /** Null before all pages of the first reading are there. */
  readonly cards: Cards | null;
  /** How far the board's clock is ahead of this one. */
  readonly skewMs: number;
};

/** What a difference of the clocks is below which it is none. */
const SKEW_MS = 1_000;

type Reading = { cards: Cards; since: string; etag: string | null };

/** A board, kept up by what changed of it: where nothing did, an answer has no body. */
export function useBoard(
  board: string,
): BoardRead & { readonly connection: Connection; readonly poke: () => void } {
  const { client } = useSession();
  const [read, setRead] = useState<BoardRead>({ board, cards: null, skewMs: 0 });
  const ask = useCallback(askerOf(client, board, setRead), [client, board]);
  const { connection, poke } = usePoll(ask);
  return { ...(read.board === board ? read : { board, cards: null, skewMs: 0 }), connection, poke };
}

function askerOf(
  client: ReturnType<typeof useSession>["client"],
  board: string,
  onRead: (read: BoardRead) => void,
): (signal: AbortSignal) => Promise<Asked> {
  let reading: Reading = { cards: new Map(), since: "0", etag: null };
  let nextMs: number | null = null;
  let skewMs = 0;
  return async (signal) => {
    const { since, etag, cards } = reading;
    const reply = await client(signal).poll("board", { path: { board }, query: { since } }, etag);
    if (reply.kind === "failed") return reply;
    if (reply.kind === "unchanged") return { kind: "answered", isLive: hasLive(cards), nextMs };
    const page = reply.value;
    reading = { cards: takePage(cards, page), since: page.next, etag: reply.etag };
    nextMs = page.nextMs;
    const seen = page.asOf - now();
    // Less is the way of the answer, and would draw every card again.
    if (Math.abs(seen - skewMs) > SKEW_MS) skewMs = seen;
    if (!page.more) onRead({ board, cards: reading.cards, skewMs });
    return { kind: "answered", isLive: hasLive(reading.cards), nextMs, again: page.more };
  };
}

function hasLive(cards: Cards): boolean {
  return [...cards.values()].some((card) => isLive(card));
}
