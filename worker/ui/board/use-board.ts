import { useCallback, useState } from "preact/hooks";
import type { Connection } from "../live/poller.ts";
import { usePoll } from "../live/use-poll.ts";
import { useSession } from "../session.tsx";
import { now } from "../system.ts";
import { type BoardRead, createBoardReader } from "./board-reader.ts";

/** A board, kept up. */
export function useBoard(
  board: string,
): BoardRead & { readonly connection: Connection; readonly poke: () => void } {
  const { client } = useSession();
  const [read, setRead] = useState<BoardRead>({ board, cards: null, skewMs: 0 });
  const ask = useCallback(createBoardReader({ board, client, now, onRead: setRead }), [client, board]);
  const { connection, poke } = usePoll(ask);
  return { ...(read.board === board ? read : { board, cards: null, skewMs: 0 }), connection, poke };
}
