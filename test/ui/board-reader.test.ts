import { test } from "vitest";
import { createUncheckedClient } from "../../shared/client/unchecked.ts";
import { type BoardRead, createBoardReader } from "../../worker/ui/board/board-reader.ts";
import { makeCard, T0 } from "./cards.ts";

type Page = { readonly next: string; readonly jobId: string; readonly more?: boolean };

/** A board behind the client's port: each call waits for its answer. */
function open() {
  const calls: { readonly url: string; readonly answer: (page: Page | null) => void }[] = [];
  const reads: BoardRead[] = [];
  const ask = createBoardReader({
    board: "main",
    now: () => T0,
    onRead: (read) => reads.push(read),
    client: () =>
      createUncheckedClient({
        url: "",
        token: null,
        send: (url) =>
          new Promise((resolve) => {
            calls.push({ url, answer: (page) => resolve(toResponse(page)) });
          }),
      }),
  });
  return { ask, calls, reads };
}

function toResponse(page: Page | null): Response {
  if (page === null) return new Response(null, { status: 304 });
  const { next, jobId, more = false } = page;
  const body = {
    reset: false,
    removed: [],
    cards: [makeCard({ jobId })],
    next,
    more,
    nextMs: 2_000,
    asOf: T0,
  };
  return Response.json(body, { headers: { etag: `"${next}"` } });
}

const jobsOf = (read: BoardRead | undefined) => [...(read?.cards?.values() ?? [])].map(({ jobId }) => jobId);

test("a board is read from where the answer before ended, and shown once all of it is there", async ({
  expect,
}) => {
  const { ask, calls, reads } = open();
  const first = ask(new AbortController().signal);
  calls[0]?.answer({ next: "1", jobId: "a", more: true });
  expect(await first).toEqual({ kind: "answered", isLive: true, nextMs: 2_000, again: true });
  expect(reads).toEqual([]);
  const second = ask(new AbortController().signal);
  calls[1]?.answer({ next: "2", jobId: "b" });
  await second;
  expect(calls.map(({ url }) => url)).toEqual(["/v1/boards/main?since=0", "/v1/boards/main?since=1"]);
  expect(jobsOf(reads.at(-1))).toEqual(["a", "b"]);
});

test("an unchanged board is not drawn again, and the pace stays", async ({ expect }) => {
  const { ask, calls, reads } = open();
  const first = ask(new AbortController().signal);
  calls[0]?.answer({ next: "1", jobId: "a" });
  await first;
  const second = ask(new AbortController().signal);
  calls[1]?.answer(null);
  expect(await second).toEqual({ kind: "answered", isLive: true, nextMs: 2_000, again: false });
  expect(reads.length).toBe(1);
});

test("the late answer of a call that was given up takes nothing back", async ({ expect }) => {
  const { ask, calls, reads } = open();
  const givenUp = new AbortController();
  const late = ask(givenUp.signal);
  givenUp.abort();
  const second = ask(new AbortController().signal);
  calls[1]?.answer({ next: "2", jobId: "b" });
  await second;
  calls[0]?.answer({ next: "1", jobId: "a" });
  await late;
  expect(reads.map(jobsOf)).toEqual([["b"]]);
  void ask(new AbortController().signal);
  expect(calls[2]?.url).toBe("/v1/boards/main?since=2");
});
