import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, test } from "vitest";
import { BoardPage } from "../../../shared/board.ts";
import { Board } from "../../../worker/board/board.ts";
import { createBoardPort } from "../../../worker/board/client.ts";
import type { BoardRpc } from "../../../worker/board/rpc.ts";
import { makeCard, makeCards } from "./cards.ts";
import { BoardRig } from "./rig.ts";

afterEach(reset);

const remote = { tell: true, remove: true, read: true } as const satisfies Record<keyof BoardRpc, true>;

test("the object has no method that could be called from outside but those of its contract, and no alarm", ({
  expect,
}) => {
  const names = Object.getOwnPropertyNames(Board.prototype).filter((name) => name !== "constructor");
  expect(names.toSorted()).toEqual(Object.keys(remote).toSorted());
});

test("a name that no execution was ever on is an empty board, and stores nothing", async ({ expect }) => {
  const rig = new BoardRig();
  for (const since of ["0", "41", "41.90"]) {
    expect(await rig.page(since)).toEqual({
      board: rig.name,
      revision: 0,
      next: "0",
      more: false,
      reset: true,
      removed: [],
      cards: [],
      nextMs: 15_000,
      asOf: rig.now,
    });
  }
  expect(await rig.read("0", { tag: "0" })).toEqual({ unchanged: true });
  expect(await rig.dump()).toEqual({});
});

test("cards, removals and what is too late outlive the object's incarnation", async ({ expect }) => {
  const rig = new BoardRig();
  await rig.tell(...makeCards(3));
  await rig.tell(makeCard({ executionId: "exec_1", revision: 5, phase: "push" }));
  await rig.object.remove({ executionId: "exec_2", through: 4 });
  const before = await rig.page();
  const tables = await rig.dump();
  expect(before.cards.map(({ executionId, phase }) => [executionId, phase])).toEqual([
    ["exec_0", "agent"],
    ["exec_1", "push"],
  ]);
  await rig.evict();
  expect(await rig.page()).toEqual(before);
  expect(await rig.dump()).toEqual(tables);
  await rig.tell(
    makeCard({ executionId: "exec_1", revision: 4 }),
    makeCard({ executionId: "exec_2", revision: 4 }),
  );
  await rig.object.remove({ executionId: "exec_2", through: 4 });
  expect(await rig.dump()).toEqual(tables);
  await rig.tell(makeCard({ executionId: "exec_2", revision: 5 }));
  await rig.evict();
  expect(await rig.page(before.next)).toMatchObject({ reset: false, removed: [], cards: [{ revision: 5 }] });
  expect(await rig.alarmAt()).toBeNull();
});

test("a write that fails is answered with an error, and the board is as it was", async ({ expect }) => {
  const rig = new BoardRig();
  await rig.tell(makeCard());
  const before = await rig.page();
  await runInDurableObject(rig.object, async (object, { storage }) => {
    storage.sql.exec("ALTER TABLE removed RENAME TO hidden");
    await expect(object.remove({ executionId: "exec_1", through: 1 })).rejects.toThrow(/no such table/);
    storage.sql.exec("ALTER TABLE hidden RENAME TO removed");
  });
  expect(await rig.page()).toEqual(before);
  await rig.evict();
  expect(await rig.page()).toEqual(before);
});

test("a row that cannot be read is said and left out, and its job comes back by telling", async ({
  expect,
}) => {
  const rig = new BoardRig();
  await rig.tell(...makeCards(2));
  await runInDurableObject(rig.object, (_, state) => {
    state.storage.sql.exec("UPDATE card SET state = '{\"version\":99' WHERE execution_id = 'exec_0'");
  });
  await rig.evict();
  expect((await rig.page()).cards.map(({ executionId }) => executionId)).toEqual(["exec_1"]);
  expect(rig.world.log).toMatchObject([{ event: "board.rows-unreadable", fields: { unreadable: 1 } }]);
  await rig.tell(makeCard({ executionId: "exec_0" }));
  await rig.evict();
  expect((await rig.page()).cards).toHaveLength(2);
});

test("a card that cannot be read is taken off with its execution, and not a later one of its name", async ({
  expect,
}) => {
  const rig = new BoardRig();
  await rig.tell(...makeCards(2));
  const stored = () =>
    runInDurableObject(rig.object, (_, { storage }) =>
      storage.sql
        .exec("SELECT execution_id FROM card")
        .toArray()
        .map((row) => row["execution_id"]),
    );
  await runInDurableObject(rig.object, (_, state) => {
    state.storage.sql.exec("UPDATE card SET state = '{\"version\":99'");
  });
  await rig.evict();
  await rig.tell(makeCard({ executionId: "exec_0", jobId: "later", revision: 9 }));
  await rig.object.remove({ executionId: "exec_0", through: 4 });
  expect(await stored()).toHaveLength(2);
  await rig.evict();
  expect((await rig.page()).cards).toMatchObject([{ executionId: "exec_0", jobId: "later" }]);
});

test("300 cards are told what distance to keep, and come in bounded pages", async ({ expect }) => {
  const rig = new BoardRig();
  expect(await rig.object.tell(makeCards(300))).toEqual({ intervalMs: 3_000 });
  const pages: BoardPage[] = [];
  do pages.push(BoardPage.parse(await rig.page(pages.at(-1)?.next)));
  while (pages.at(-1)?.more === true);
  expect(pages.map(({ cards, reset, nextMs }) => [cards.length, reset, nextMs])).toEqual([
    [100, true, 3_000],
    [100, false, 3_000],
    [100, false, 3_000],
  ]);
  const last = pages.at(-1);
  expect(last?.next).toBe(String(last?.revision));
  expect(await rig.page(last?.next)).toMatchObject({ cards: [], removed: [], more: false, reset: false });
});

test("a reader waits for news at most as long as it said, and gets nothing but them", async ({ expect }) => {
  const rig = new BoardRig();
  await rig.tell(...makeCards(3));
  const { next } = await rig.page();
  const settled: string[] = [];
  const told = rig.read(next, { waitMs: 25_000 }).then((read) => (settled.push("told"), read));
  const late = rig.read(next, { tag: next, waitMs: 1_000 }).then((read) => (settled.push("late"), read));
  await rig.happens(() => undefined);
  expect(settled).toEqual([]);
  await rig.happens(() => rig.world.clock.moveTo(rig.now + 1_000));
  expect(await late).toEqual({ unchanged: true });
  expect(settled).toEqual(["late"]);
  await rig.tell(makeCard({ executionId: "exec_1", revision: 2 }));
  expect(await told).toMatchObject({ page: { cards: [{ executionId: "exec_1" }], reset: false } });
  // What changes nothing wakes nobody.
  const { next: newest } = await rig.page(next);
  const waits = rig.read(newest, { waitMs: 5_000 }).then((read) => (settled.push("waits"), read));
  await rig.tell(makeCard({ executionId: "exec_1", revision: 2 }));
  await rig.happens(() => undefined);
  expect(settled).toEqual(["late", "told"]);
  await rig.happens(() => rig.world.clock.moveTo(rig.now + 5_000));
  expect(await waits).toMatchObject({ page: { cards: [], next: newest } });
});

test("a page that is not the last never passes for having all", async ({ expect }) => {
  const rig = new BoardRig();
  await rig.tell(...makeCards(150));
  const first = await rig.page();
  expect(first).toMatchObject({ more: true });
  expect(await rig.read("0", { tag: first.next, waitMs: 0 })).toMatchObject({ page: { more: true } });
  expect(await rig.read(first.next, { tag: first.next, waitMs: 25_000 })).toMatchObject({
    page: { more: false },
  });
});

test("an execution reaches the board it names, and no other", async ({ expect }) => {
  const [a, b] = [new BoardRig(), new BoardRig()];
  const port = createBoardPort(env, "exec_1");
  expect(await port.tell(a.name, [makeCard()])).toEqual({ intervalMs: 2_000 });
  expect([(await a.page()).cards.length, (await b.page()).cards.length]).toEqual([1, 0]);
  await port.remove(a.name, 1);
  expect(await a.page()).toMatchObject({ cards: [], removed: [] });
  expect(await b.dump()).toEqual({});
});

test("a call that the platform says may be repeated is made once more, by a new stub; any other fails", async ({
  expect,
}) => {
  const ended = Object.assign(new Error("reset because its code was updated"), { durableObjectReset: true });
  const failing = (errors: readonly Error[]) => {
    const left = [...errors];
    let stubs = 0;
    const tell = async () => {
      const error = left.shift();
      if (error !== undefined) throw error;
      return { intervalMs: 7 };
    };
    const none = () => Promise.reject(new Error("not asked"));
    const BOARD = { getByName: () => ((stubs += 1), { tell, remove: none, read: none }) };
    return { port: createBoardPort({ BOARD }, "a"), stubs: () => stubs };
  };
  const once = failing([ended]);
  expect(await once.port.tell("main", [])).toEqual({ intervalMs: 7 });
  expect(once.stubs()).toBe(2);
  const broken = failing([new Error("a defect")]);
  await expect(broken.port.tell("main", [])).rejects.toThrow("a defect");
  expect(broken.stubs()).toBe(1);
});
