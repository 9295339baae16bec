import type { BoardPort } from "../ports.ts";
import { repeatOnce } from "../repeat.ts";
import { withTimeout } from "../timeout.ts";
import type { BoardRpc } from "./rpc.ts";

/** Boards by name; the caller has validated it, since a stub for any name costs money. */
export type Boards = { readonly named: (board: string) => BoardRpc };

/** Not the namespace of the class, which needs nothing of it. */
export type BoardEnv = { readonly BOARD: { readonly getByName: (name: string) => BoardRpc } };

/** A stub is poisoned by its first error, so each call takes a fresh one. */
export function boardsOf(env: BoardEnv): Boards {
  return { named: (board) => env.BOARD.getByName(board) };
}

/** One execution's way to its board. A call rejects where it failed, was repeated if the platform allows, or took too long. */
export function createBoardPort(env: BoardEnv, executionId: string): BoardPort {
  const boards = boardsOf(env);
  const ask = <T>(name: string, call: () => Promise<T>): Promise<T> =>
    withTimeout(repeatOnce(call), `board ${name}`, CALL_TIMEOUT_MS);
  return {
    tell: (board, cards) => ask("tell", () => boards.named(board).tell(cards)),
    remove: (board, through) => ask("remove", () => boards.named(board).remove({ executionId, through })),
  };
}

const CALL_TIMEOUT_MS = 5_000;
