import type { Boards } from "../../worker/board/client.ts";
import type { BoardRpc } from "../../worker/board/rpc.ts";

type ReadOf = Parameters<BoardRpc["read"]>[0];

/** Boards that write down what they are asked and answer what a test says, else what an empty board would. */
export function fakeBoards(answer?: BoardRpc["read"]) {
  const asked: (ReadOf & { readonly board: string })[] = [];
  const boards: Boards = {
    named: (board) => ({
      read: async (request) => {
        asked.push({ board, ...request });
        return answer?.(request) ?? { page: { ...emptyPage, board } };
      },
      tell: () => Promise.reject(new Error("the edge tells a board nothing")),
      remove: () => Promise.reject(new Error("the edge removes nothing of a board")),
    }),
  };
  return { asked, boards };
}

const emptyPage = {
  revision: 0,
  next: "0",
  more: false,
  reset: true,
  removed: [],
  cards: [],
  nextMs: 15_000,
  asOf: 3,
};
