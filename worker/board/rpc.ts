import type { BoardPage, Card } from "../../shared/board.ts";
import type { Since } from "./page.ts";

export type BoardRead = { readonly page: BoardPage } | { readonly unchanged: true };

/** The remote methods of the `Board` object. All are idempotent. */
export type BoardRpc = {
  tell(cards: readonly Card[]): Promise<{ readonly intervalMs: number }>;
  remove(removal: { readonly executionId: string; readonly through: number }): Promise<void>;
  /** Waits for something beyond what the reader has, and says `unchanged` where it has all: by its tag, if it names one. */
  read(request: {
    readonly since: Since;
    readonly tag?: string;
    readonly waitMs: number;
  }): Promise<BoardRead>;
};
