import { test } from "vitest";
import { BoardPage } from "../../../shared/board.ts";
import { ErrorBody } from "../../../shared/errors.ts";
import { makeCard } from "../board/cards.ts";
import { fakeBoards } from "../fake-boards.ts";
import { makeEdge, readToken } from "./edge.ts";

const page: BoardPage = {
  board: "main",
  revision: 900,
  next: "900",
  more: false,
  reset: false,
  removed: ["exec_2"],
  cards: [makeCard()],
  nextMs: 2_000,
  asOf: 1_000,
};

function edgeWith(answer?: Parameters<typeof fakeBoards>[0]) {
  const { asked, boards } = fakeBoards(answer);
  const edge = makeEdge({ deps: { boards } });
  return { ...edge, boardsAsked: asked, executionsAsked: edge.asked };
}

test("a board is read with a token that reads, by its name alone: no execution is asked", async ({
  expect,
}) => {
  const { send, boardsAsked, executionsAsked } = edgeWith(async () => ({ page }));
  const reply = await send("/v1/boards/main?since=800&wait=25", { token: readToken });
  expect(reply.status).toBe(200);
  expect(reply.headers.get("etag")).toBe('"900"');
  expect(BoardPage.parse(await reply.json())).toEqual(page);
  expect(boardsAsked).toEqual([{ board: "main", since: { at: 800, from: 800 }, waitMs: 25_000 }]);
  expect(executionsAsked).toEqual([]);
});

test("without a token a board says nothing", async ({ expect }) => {
  const { send, boardsAsked } = edgeWith();
  expect((await send("/v1/boards/main", { token: null })).status).toBe(401);
  expect((await send("/v1/boards/main", { method: "POST" })).status).toBe(404);
  expect(boardsAsked).toEqual([]);
});

test("a name that no board was ever of is an empty board", async ({ expect }) => {
  const { send } = edgeWith();
  const reply = await send("/v1/boards/nobody-was-here");
  expect(await reply.json()).toMatchObject({ board: "nobody-was-here", revision: 0, cards: [], reset: true });
});

test("an unchanged board costs one answer without a body", async ({ expect }) => {
  const { send, boardsAsked } = edgeWith(async ({ tag }) => (tag === "900" ? { unchanged: true } : { page }));
  const since = { headers: { "if-none-match": '"900"' } };
  const same = await send("/v1/boards/main?since=900", since);
  expect([same.status, same.headers.get("etag"), await same.text()]).toEqual([304, '"900"', ""]);
  const other = await send("/v1/boards/main?since=900", { headers: { "if-none-match": '"899"' } });
  expect(other.status).toBe(200);
  expect(boardsAsked.map(({ tag }) => tag)).toEqual(["900", "899"]);
});

test("the tag of a page is how far it reaches, so that one which is not the last is asked on from", async ({
  expect,
}) => {
  const { send, boardsAsked } = edgeWith(async () => ({ page: { ...page, more: true, next: "850.900" } }));
  const reply = await send("/v1/boards/main");
  expect(reply.headers.get("etag")).toBe('"850.900"');
  await send("/v1/boards/main?since=850.900");
  expect(boardsAsked.map(({ since }) => since)).toEqual([
    { at: 0, from: 0 },
    { at: 850, from: 900 },
  ]);
});

const hostile = [
  "-main",
  "Main",
  "a".repeat(64),
  "a.b",
  "a%2Fb",
  "..%2Fmain",
  "%00",
  "%E0%A4%A",
  "main%0A",
  "m%C3%A4in",
  "a b",
  "__proto__",
  "%7Bboard%7D",
];
for (const name of hostile) {
  test(`a board named ${JSON.stringify(name)} is refused, and no object is addressed`, async ({ expect }) => {
    const { send, boardsAsked } = edgeWith();
    const reply = await send(`/v1/boards/${name}`);
    expect(reply.status).toBe(400);
    expect(ErrorBody.parse(await reply.json()).code).toBe("invalid-id");
    expect(boardsAsked).toEqual([]);
  });
}

test("every name a dispatch may give its board can be read", async ({ expect }) => {
  const { send, boardsAsked } = edgeWith();
  for (const name of ["main", "0", "a".repeat(63), "team-7", "constructor"]) await send(`/v1/boards/${name}`);
  expect(boardsAsked.map(({ board }) => board)).toEqual([
    "main",
    "0",
    "a".repeat(63),
    "team-7",
    "constructor",
  ]);
});

for (const query of [
  "since=-1",
  "since=x",
  "since=1.2.3",
  "since=",
  "since=1e9",
  "wait=26",
  "wait=-1",
  "wait=x",
]) {
  test(`?${query} is refused, and no object is addressed`, async ({ expect }) => {
    const { send, boardsAsked } = edgeWith();
    const reply = await send(`/v1/boards/main?${query}`);
    expect(reply.status).toBe(400);
    expect(ErrorBody.parse(await reply.json()).code).toBe("invalid-request");
    expect(boardsAsked).toEqual([]);
  });
}
