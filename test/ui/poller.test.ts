import { test } from "vitest";
import { type Asked, type Connection, type PollerPorts, startPolling } from "../../worker/ui/live/poller.ts";

const failure = {
  code: "unreachable",
  error: "gone",
  status: null,
  requestId: null,
  retryable: true,
} as const;
const answered: Asked = { kind: "answered", isLive: true, nextMs: null };
const failed: Asked = { kind: "failed", failure };

/** A page whose time stands still: waits are written down, and end when the test says so. */
function open(isVisible = true) {
  const page = { now: 1_000, isVisible };
  const waits: { readonly ms: number; readonly end: () => void; isOver: boolean }[] = [];
  const calls: {
    readonly signal: AbortSignal;
    readonly answer: (asked: Asked) => Promise<void>;
    readonly break: (error: Error) => Promise<void>;
  }[] = [];
  const told: Connection[] = [];
  const stirs = new Set<() => void>();
  const ports: PollerPorts = {
    now: () => page.now,
    random: () => 0,
    after: (ms, end) => {
      const wait = { ms, end, isOver: false };
      waits.push(wait);
      return () => {
        wait.isOver = true;
      };
    },
    isVisible: () => page.isVisible,
    onStir: (listener) => {
      stirs.add(listener);
      return () => stirs.delete(listener);
    },
  };
  const poller = startPolling(
    ports,
    (signal) =>
      new Promise((resolve, reject) => {
        const settle = async (end: () => void): Promise<void> => {
          end();
          await new Promise((after) => setImmediate(after));
        };
        calls.push({
          signal,
          answer: (asked) => settle(() => resolve(asked)),
          break: (error) => settle(() => reject(error)),
        });
      }),
    (connection) => told.push(connection),
  );
  const turn = (visible: boolean): void => {
    page.isVisible = visible;
    for (const stir of stirs) stir();
  };
  const waiting = (): readonly number[] => waits.filter(({ isOver }) => !isOver).map(({ ms }) => ms);
  const elapse = (): void => {
    for (const wait of waits.filter(({ isOver }) => !isOver)) {
      wait.isOver = true;
      wait.end();
    }
  };
  return { page, poller, calls, told, turn, waiting, elapse, stirs };
}

test("a page asks at once, and again when its pause is over", async ({ expect }) => {
  const { calls, waiting, elapse, told } = open();
  await calls[0]?.answer(answered);
  expect(told).toEqual([{ answeredAt: 1_000, freshUntil: 7_000, failure: null, failures: 0 }]);
  expect([calls.length, waiting()]).toEqual([1, [2_000]]);
  elapse();
  expect(calls.length).toBe(2);
});

test("what comes in several pages is read without a pause", async ({ expect }) => {
  const { calls, waiting } = open();
  await calls[0]?.answer({ ...answered, again: true });
  expect([calls.length, waiting()]).toEqual([2, []]);
});

test("failures are counted until an answer comes, and what was answered last stays known", async ({
  expect,
}) => {
  const { calls, waiting, elapse, told, page } = open();
  await calls[0]?.answer(answered);
  elapse();
  await calls[1]?.answer(failed);
  elapse();
  await calls[2]?.answer(failed);
  expect(told.at(-1)).toEqual({ answeredAt: 1_000, freshUntil: 7_000, failure, failures: 2 });
  expect(waiting()).toEqual([4_000]);
  elapse();
  page.now = 9_000;
  await calls[3]?.answer(answered);
  expect(told.at(-1)).toEqual({ answeredAt: 9_000, freshUntil: 15_000, failure: null, failures: 0 });
});

test("an answer that cannot be read is a failure, and the page asks again", async ({ expect }) => {
  const { calls, waiting, elapse, told } = open();
  await calls[0]?.break(new TypeError("cards is undefined"));
  expect(told.at(-1)).toMatchObject({
    failures: 1,
    failure: { code: "unexpected-answer", error: expect.stringContaining("cards is undefined") },
  });
  expect(waiting()).toEqual([2_000]);
  elapse();
  await calls[1]?.answer(answered);
  expect(told.at(-1)?.failure).toBe(null);
});

test("a call that was given up and breaks then changes nothing", async ({ expect }) => {
  const { calls, told, turn } = open();
  turn(false);
  turn(true);
  await calls[0]?.break(new Error("aborted"));
  expect(told).toEqual([]);
});

test("what the server refuses is asked for at the pace of a page at rest", async ({ expect }) => {
  const { calls, waiting, elapse } = open();
  const refused: Asked = { kind: "failed", failure: { ...failure, code: "job-not-found", status: 404 } };
  await calls[0]?.answer(refused);
  expect(waiting()).toEqual([15_000]);
  elapse();
  await calls[1]?.answer(refused);
  expect(waiting()).toEqual([15_000]);
});

test("a hidden page asks nothing, and asks at once when it is looked at again", async ({ expect }) => {
  const { calls, waiting, turn } = open();
  await calls[0]?.answer(answered);
  turn(false);
  expect([calls.length, waiting()]).toEqual([1, []]);
  turn(true);
  expect([calls.length, waiting()]).toEqual([2, []]);
});

test("a page that was opened hidden begins when it is looked at", ({ expect }) => {
  const { calls, turn } = open(false);
  expect(calls.length).toBe(0);
  turn(true);
  expect(calls.length).toBe(1);
});

test("the answer of a call that was under way when the page was hidden is taken, and nothing follows", async ({
  expect,
}) => {
  const { calls, waiting, turn, told } = open();
  turn(false);
  await calls[0]?.answer(answered);
  expect([told.length, calls.length, waiting()]).toEqual([1, 1, []]);
});

test("a call from before the page was hidden is given up, and its late answer changes nothing", async ({
  expect,
}) => {
  const { calls, turn, told } = open();
  turn(false);
  turn(true);
  expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  await calls[0]?.answer(failed);
  expect(told).toEqual([]);
  await calls[1]?.answer(answered);
  expect(told.length).toBe(1);
});

test("a poke asks at once, and the pause begins anew after its answer", async ({ expect }) => {
  const { calls, waiting, poller } = open();
  await calls[0]?.answer(answered);
  poller.poke();
  expect([calls.length, waiting()]).toEqual([2, []]);
  await calls[1]?.answer(answered);
  expect(waiting()).toEqual([2_000]);
});

test("after its stop a page asks nothing, hears nothing and tells nothing", async ({ expect }) => {
  const { calls, waiting, poller, told, stirs } = open();
  await calls[0]?.answer(answered);
  poller.poke();
  poller.stop();
  expect([calls[1]?.signal.aborted, waiting(), stirs.size]).toEqual([true, [], 0]);
  await calls[1]?.answer(answered);
  expect([told.length, calls.length]).toEqual([1, 2]);
});
