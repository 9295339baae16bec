import * as fc from "fast-check";
import { describe, test } from "vitest";
import { BoardPage, type Card } from "../../../shared/board.ts";
import { Limits } from "../../../shared/limits.ts";
import { type BoardState, emptyBoard, keyOf, remove, tell } from "../../../worker/board/cards.ts";
import { hasNews, intervalOf, pageOf, type Since } from "../../../worker/board/page.ts";
import { T0 } from "../build.ts";
import { makeCard } from "./build.ts";

const fromNothing: Since = { at: 0, from: 0 };

/** More than a full board has. */
const MAX_PAGES = 100;

/** A reader that follows a board by its pages, as a client does. */
class Reader {
  readonly cards = new Map<string, Card>();
  since: Since = fromNothing;
  resets = 0;

  read(board: BoardState): void {
    for (let [more, pages] = [true, 0]; more; pages += 1) {
      if (pages > MAX_PAGES) throw new Error(`no end after ${pages} pages, at ${this.since.at}`);
      const page = pageOf(board, this.since);
      if (page.reset) this.cards.clear();
      if (page.reset) this.resets += 1;
      for (const key of this.cards.keys()) {
        if (page.removed.includes(key.split(" ")[0] ?? "")) this.cards.delete(key);
      }
      for (const card of page.cards) this.cards.set(keyOf(card), card);
      const [at = 0, from = at] = page.next.split(".").map(Number);
      this.since = { at, from };
      more = page.more;
    }
  }
}

function cardsOf(board: BoardState): Map<string, Card> {
  return new Map([...board.cards].map(([key, { card }]) => [key, card]));
}

function many(count: number, over: (n: number) => Partial<Card> = () => ({})): readonly Card[] {
  return Array.from({ length: count }, (_, n) =>
    makeCard({ executionId: `run_${n}`, jobId: `run_${n}-code`, ...over(n) }),
  );
}

describe("of two cards of one job", () => {
  const base = makeCard({ revision: T0 + 5, asOf: T0 + 5, phase: "agent" });
  const cases: ReadonlyArray<readonly [string, Partial<Card>, "taken" | "left"]> = [
    ["a later revision", { revision: T0 + 6 }, "taken"],
    ["an earlier revision", { revision: T0 + 4 }, "left"],
    ["an earlier revision said later", { revision: T0 + 4, asOf: T0 + 99 }, "left"],
    ["the same once more", {}, "left"],
    ["the same revision said later", { asOf: T0 + 6 }, "taken"],
    ["the same revision said earlier", { asOf: T0 + 4 }, "left"],
    ["the next round", { round: 2, status: "queued", revision: T0 + 7 }, "taken"],
  ];
  for (const [what, over, fate] of cases) {
    test(`${what} is ${fate}`, ({ expect }) => {
      const before = tell(emptyBoard, [base], T0 + 10);
      const card = { ...base, phase: "push", ...over };
      const after = tell(before, [card], T0 + 20);
      if (fate === "left") expect(after).toBe(before);
      else {
        expect(cardsOf(after).get(keyOf(card))).toEqual(card);
        expect(after.revision).toBeGreaterThan(before.revision);
      }
    });
  }
});

test("invariant 2: a board's revision grows with every change, also where its clock does not", ({
  expect,
}) => {
  let board = tell(emptyBoard, [makeCard({ revision: 1 })], T0);
  const seen = [board.revision];
  for (const [n, now] of [T0, T0 - 5_000, T0, T0 + 1].entries()) {
    board = tell(board, [makeCard({ revision: 2 + n })], now);
    seen.push(board.revision);
  }
  board = remove(board, "run_1", 99, T0 - 9_000);
  seen.push(board.revision);
  expect(seen).toEqual([T0, T0 + 1, T0 + 2, T0 + 3, T0 + 4, T0 + 5]);
});

test("what a removed execution said before comes too late, and its name can be used again", ({ expect }) => {
  const gone = remove(tell(emptyBoard, [makeCard({ revision: 10 })], T0), "run_1", 12, T0 + 1);
  expect(gone.cards.size).toBe(0);
  for (const revision of [10, 11, 12]) expect(tell(gone, [makeCard({ revision })], T0 + 2)).toBe(gone);
  expect(tell(gone, [makeCard({ revision: 13 })], T0 + 2).cards.size).toBe(1);
  expect(remove(gone, "run_1", 12, T0 + 3)).toBe(gone);
});

test("a removal that comes late spares what the name was used for since, for every reader", ({ expect }) => {
  const reader = new Reader();
  let board = tell(
    emptyBoard,
    [makeCard({ revision: 10 }), makeCard({ jobId: "run_1-old", revision: 9 })],
    T0,
  );
  reader.read(board);
  board = tell(board, [makeCard({ round: 1, revision: 20 })], T0 + 1);
  reader.read(board);
  board = remove(board, "run_1", 12, T0 + 2);
  reader.read(board);
  expect([...reader.cards.values()].map(({ jobId, revision }) => [jobId, revision])).toEqual([
    ["run_1-code", 20],
  ]);
});

test("a reader follows by what has changed alone", ({ expect }) => {
  let board = tell(emptyBoard, many(3), T0);
  const first = pageOf(board, fromNothing);
  expect(first).toMatchObject({ reset: true, more: false, removed: [] });
  expect(first.cards).toHaveLength(3);
  const since = { at: board.revision, from: board.revision };
  expect(hasNews(board, since)).toBe(false);
  expect(pageOf(board, since)).toMatchObject({ reset: false, cards: [], removed: [], next: first.next });
  board = tell(
    board,
    many(1, () => ({ revision: T0 + 9, phase: "push" })),
    T0 + 9,
  );
  board = remove(board, "run_2", T0, T0 + 10);
  expect(hasNews(board, since)).toBe(true);
  const next = pageOf(board, since);
  expect(next.cards.map(({ executionId, phase }) => [executionId, phase])).toEqual([["run_0", "push"]]);
  expect(next).toMatchObject({ reset: false, removed: ["run_2"], next: String(board.revision) });
});

test("300 cards come in pages of at most 100, each within its schema, and none twice or never", ({
  expect,
}) => {
  let board = tell(emptyBoard, many(300), T0);
  const pages: Omit<BoardPage, "board" | "asOf">[] = [];
  let since = fromNothing;
  do {
    const page = pageOf(board, since);
    BoardPage.parse({ ...page, board: "main", asOf: T0 });
    pages.push(page);
    const [at = 0, from = at] = page.next.split(".").map(Number);
    since = { at, from };
    // What changes meanwhile comes at the end.
    if (pages.length === 1)
      board = tell(board, [makeCard({ executionId: "run_7", jobId: "run_7-code", revision: T0 + 8 })], T0);
  } while (pages.at(-1)?.more === true && pages.length < MAX_PAGES);
  expect(pages.map(({ cards }) => cards.length)).toEqual([100, 100, 100, 1]);
  expect(pages.map(({ reset }) => reset)).toEqual([true, false, false, false]);
  expect(pages.at(-1)?.cards[0]).toMatchObject({ executionId: "run_7", revision: T0 + 8 });
  const names = pages.flatMap(({ cards }) => cards.map(({ executionId }) => executionId));
  expect(new Set(names).size).toBe(300);
  expect(since).toEqual({ at: board.revision, from: board.revision });
});

test("who asks for what is not known any more, or never was, gets all of it", ({ expect }) => {
  let board = tell(emptyBoard, many(2), T0);
  const early = { at: board.revision, from: board.revision };
  for (let n = 0; n <= Limits.removedPerBoard; n += 1) {
    board = remove(
      tell(board, [makeCard({ executionId: `gone_${n}`, revision: T0 })], T0),
      `gone_${n}`,
      T0,
      T0,
    );
  }
  expect(board.removed.size).toBe(Limits.removedPerBoard);
  expect(pageOf(board, early)).toMatchObject({ reset: true, removed: [] });
  expect(pageOf(board, { at: board.floor, from: board.floor })).toMatchObject({ reset: false });
  const beyond = board.revision + 1;
  expect(pageOf(board, { at: beyond, from: beyond })).toMatchObject({ reset: true });
  expect(pageOf(emptyBoard, early)).toMatchObject({ reset: true, cards: [], revision: 0, next: "0" });
  // A board that began anew: its name had another life before, of which this reader knows.
  const anew = tell(emptyBoard, many(1), T0 + 60_000);
  expect(pageOf(anew, early)).toMatchObject({ reset: true });
});

test("a snapshot in pages is read to its end although it began below the window", ({ expect }) => {
  let board = tell(emptyBoard, many(150), T0);
  for (let n = 0; n <= Limits.removedPerBoard; n += 1) {
    board = remove(
      tell(board, [makeCard({ executionId: `gone_${n}`, revision: T0 })], T0),
      `gone_${n}`,
      T0,
      T0,
    );
  }
  const reader = new Reader();
  reader.read(board);
  expect(reader.resets).toBe(1);
  expect(reader.cards).toEqual(cardsOf(board));
});

test("executions tell progress 2 s apart, and farther the more of them live", ({ expect }) => {
  const ended = { status: "done", endedAt: T0, staleAt: null } as const;
  const intervals = [0, 1, 200, 300, 1_000].map((live) =>
    intervalOf(
      tell(
        emptyBoard,
        [...many(live), ...many(live + 300, (n) => ({ executionId: `done_${n}`, ...ended }))],
        T0,
      ),
    ),
  );
  expect(intervals).toEqual([2_000, 2_000, 2_000, 3_000, 10_000]);
  expect(
    pageOf(
      tell(
        emptyBoard,
        many(5, () => ended),
        T0,
      ),
      fromNothing,
    ).nextMs,
  ).toBe(15_000);
});

test("invariant 14: a full board gives up what ended first, then what was not heard of for longest", ({
  expect,
}) => {
  const max = Limits.cardsPerBoard;
  const endedAt = (n: number) => ({ status: "done", endedAt: T0 + n, staleAt: null }) as const;
  let board = tell(
    emptyBoard,
    many(max, (n) => (n < 2 ? endedAt(5 - n) : { asOf: T0 + n })),
    T0,
  );
  const beyond = (n: number) => makeCard({ executionId: `new_${n}`, asOf: T0 + 2 * max });
  const lost: string[] = [];
  for (let n = 0; n < 3; n += 1) {
    const names = new Set([...board.cards.values()].map(({ card }) => card.executionId));
    board = tell(board, [beyond(n)], T0 + 9);
    for (const { card } of board.cards.values()) names.delete(card.executionId);
    lost.push(...names);
    expect(board.cards.size).toBe(max);
  }
  expect(lost).toEqual(["run_1", "run_0", "run_2"]);
});

type Sent =
  | { readonly kind: "tell"; readonly cards: readonly Card[] }
  | { readonly kind: "remove"; readonly executionId: string; readonly through: number };

/** What executions say over their lives, in the order in which they say it. */
const lives = fc
  .array(
    fc.record({
      execution: fc.integer({ min: 0, max: 2 }),
      job: fc.integer({ min: 0, max: 1 }),
      ends: fc.boolean(),
      removes: fc.boolean(),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((moves) =>
    moves.map(({ execution, job, ends, removes }, n): Sent => {
      const executionId = `run_${execution}`;
      const revision = T0 + n;
      if (removes && n % 5 === 4) return { kind: "remove", executionId, through: revision };
      const ended = ends ? ({ status: "done", endedAt: revision, staleAt: null } as const) : {};
      return {
        kind: "tell",
        cards: [
          makeCard({ executionId, jobId: `${executionId}-${job}`, revision, asOf: revision, ...ended }),
        ],
      };
    }),
  );

/** What all of it comes to: of each job the newest word, unless its execution was removed after that. */
function outcomeOf(said: readonly Sent[]): Map<string, Card> {
  const newest = new Map<string, Card>();
  const through = new Map<string, number>();
  for (const each of said) {
    if (each.kind === "remove") {
      through.set(each.executionId, Math.max(each.through, through.get(each.executionId) ?? 0));
      continue;
    }
    for (const card of each.cards) {
      if ((newest.get(keyOf(card))?.revision ?? 0) < card.revision) newest.set(keyOf(card), card);
    }
  }
  return new Map([...newest].filter(([, card]) => card.revision > (through.get(card.executionId) ?? 0)));
}

function applied(board: BoardState, sent: Sent, now: number): BoardState {
  return sent.kind === "tell"
    ? tell(board, sent.cards, now)
    : remove(board, sent.executionId, sent.through, now);
}

test("in any order, doubled at will: the board is the newest word of each job, and so is every reader's copy", ({
  expect,
}) => {
  const story = lives.chain((said) =>
    fc.record({
      said: fc.constant(said),
      arrived: fc.shuffledSubarray([...said, ...said], {
        minLength: said.length,
        maxLength: 2 * said.length,
      }),
      readsAfter: fc.uniqueArray(fc.integer({ min: 0, max: 80 }), { maxLength: 12 }),
      clock: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 5 }),
    }),
  );
  const property = fc.property(story, ({ said, arrived, readsAfter, clock }) => {
    const reader = new Reader();
    let board = emptyBoard;
    let now = T0;
    // Whatever was lost on the way is sent once more at the end.
    for (const [n, each] of [...arrived, ...said].entries()) {
      now += clock[n % clock.length] ?? 0;
      const before = board;
      board = applied(board, each, now);
      expect(board.revision).toBeGreaterThanOrEqual(before.revision);
      const revisions = [...board.cards.values(), ...board.removed.values()].map(({ revision }) => revision);
      expect(new Set(revisions).size).toBe(revisions.length);
      for (const [key, { card }] of board.cards) {
        const known = before.cards.get(key);
        if (known !== undefined) expect(card.revision).toBeGreaterThanOrEqual(known.card.revision);
      }
      if (readsAfter.includes(n)) {
        reader.read(board);
        expect(reader.cards).toEqual(cardsOf(board));
      }
    }
    expect(cardsOf(board)).toEqual(outcomeOf(said));
    reader.read(board);
    expect(reader.cards).toEqual(cardsOf(board));
  });
  fc.assert(property, { numRuns: 400 });
});
