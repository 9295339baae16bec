import { test } from "vitest";
import { takeTurn } from "../../../container/git/kept/turns.ts";

const never = (): AbortSignal => new AbortController().signal;

/** Turns of one folder, and who waited. */
function openQueue(folder: string) {
  const waited: string[] = [];
  return {
    waited,
    take: (name: string, signal = never()) =>
      takeTurn(folder, { signal, onWait: () => void waited.push(name) }),
  };
}

test("jobs of one folder take turns, in the order in which they came", async ({ expect }) => {
  const { take, waited } = openQueue("/order");
  const order: string[] = [];
  const first = await take("first");
  const work = async (name: string): Promise<void> => {
    const turn = await take(name);
    order.push(name);
    turn?.end();
  };
  const [second, third] = [work("second"), work("third")];
  expect([waited, order]).toEqual([["second", "third"], []]);
  first?.end();
  await Promise.all([second, third]);
  expect(order).toEqual(["second", "third"]);
});

test("jobs of different folders do not wait, and one folder in two spellings is one", async ({ expect }) => {
  const first = await openQueue("/here/App").take("first");
  const elsewhere = openQueue("/there/App");
  expect(await elsewhere.take("elsewhere")).not.toBeNull();
  const respelled = openQueue("/here/app");
  const waiting = respelled.take("respelled");
  expect([elsewhere.waited, respelled.waited]).toEqual([[], ["respelled"]]);
  first?.end();
  expect(await waiting).not.toBeNull();
});

test("a job that is stopped while it waits does not wait on, and those behind it keep their place", async ({
  expect,
}) => {
  const { take } = openQueue("/aborted");
  const stop = new AbortController();
  const first = await take("first");
  const second = take("second", stop.signal);
  const third = take("third");
  stop.abort();
  expect(await second).toBeNull();
  let isThirdIn = false;
  void third.then(() => (isThirdIn = true));
  await Promise.resolve();
  expect(isThirdIn).toBe(false);
  first?.end();
  expect(await third).not.toBeNull();
});

test("a turn that ended is over, and the folder free", async ({ expect }) => {
  const { take, waited } = openQueue("/free");
  const first = await take("first");
  first?.end();
  first?.end();
  await new Promise((resolve) => setImmediate(resolve));
  expect(await take("second")).not.toBeNull();
  expect(waited).toEqual([]);
});
