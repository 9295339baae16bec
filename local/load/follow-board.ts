/** Follows a board as anybody would: one request at a time that waits for the next change. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Card } from "../../shared/board.ts";
import type { Client } from "../../shared/client.ts";
import { insist } from "../../shared/client/insist.ts";

const WAIT_SECONDS = 20;
const RETRY_DELAYS_MS = [250, 1_000, 2_000, 4_000];

export type FollowOptions = {
  readonly api: Client;
  readonly board: string;
  readonly onCard: (card: Card) => void;
  readonly signal: AbortSignal;
};

/** Ends with the signal; rejects where the board cannot be read any more. */
export async function followBoard({ api, board, onCard, signal }: FollowOptions): Promise<void> {
  let since = "0";
  while (!signal.aborted) {
    const wait = since === "0" ? 0 : WAIT_SECONDS;
    const reply = await insist(() => api.call("board", { path: { board }, query: { since, wait } }), {
      delaysMs: RETRY_DELAYS_MS,
      sleep: (ms) => sleep(ms, undefined, { signal }),
    }).catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (signal.aborted || reply === null) return;
    if (reply.kind === "failed") throw new Error(`board ${board}: ${reply.failure.error}`);
    for (const card of reply.value.cards) onCard(card);
    since = reply.value.next;
  }
}
