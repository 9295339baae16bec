import { test } from "vitest";
import { type Answer, type Retries, callWithRetries } from "../../../container/hosting/retry.ts";
import { makeDeps } from "./rig.ts";

const noAnswer: Answer = { kind: "no-answer", reason: "fetch failed" };
const busy = (retryAfter?: string): Answer => ({ kind: "answer", status: 429, data: "", retryAfter });
const fine: Answer = { kind: "answer", status: 200, data: "fine" };

/** Calls with scripted answers; what came of it, how often it was called and the waits between. */
async function call(answers: readonly Answer[], given: Partial<Retries> = {}) {
  const deps = makeDeps();
  const { clock, signal, jitter } = deps;
  let calls = 0;
  const answer = await callWithRetries(() => Promise.resolve(answers[calls++] ?? fine), {
    clock,
    signal,
    jitter,
    maxDelayMs: 4_000,
    ...given,
  });
  return { answer, calls, waits: deps.waits };
}

test.for([
  ["no answer at all", noAnswer],
  ["an overloaded server", busy()],
  ["a broken server", { kind: "answer", status: 500, data: "" }],
] as const)("%s is asked again, three times in all", async ([, answer], { expect }) => {
  expect(await call([answer, answer, answer, fine])).toMatchObject({ answer, calls: 3, waits: [500, 1_000] });
});

test.for([400, 401, 403, 404, 409, 422])("a refusal with status %i is final", async (status, { expect }) => {
  const answer: Answer = { kind: "answer", status, data: "" };
  expect(await call([answer, fine])).toMatchObject({ answer, calls: 1, waits: [] });
});

test("a server that says when to come back is believed, in seconds and as a date", async ({ expect }) => {
  const inFive = "Sun, 22 Nov 2026 12:00:05 GMT";
  expect(await call([busy("3"), busy(inFive)])).toMatchObject({ answer: fine, waits: [3_000, 5_000] });
});

test("a server that asks for more than eight seconds gets eight", async ({ expect }) => {
  const tomorrow = "Mon, 23 Nov 2026 12:00:00 GMT";
  expect(await call([busy("3600"), busy(tomorrow)])).toMatchObject({ waits: [8_000, 8_000] });
});

test.for(["0", "-5", "soon", "", "Sun, 22 Nov 2026 11:59:00 GMT"])(
  "a time to come back of '%s' says nothing",
  async (retryAfter, { expect }) => {
    expect(await call([busy(retryAfter)])).toMatchObject({ answer: fine, waits: [500] });
  },
);

test("a wait is drawn out by a quarter at most, and only where nobody asked for it", async ({ expect }) => {
  expect(await call([noAnswer, busy("3")], { jitter: () => 1 })).toMatchObject({ waits: [625, 3_000] });
  expect(await call([noAnswer, noAnswer], { jitter: () => 0.5 })).toMatchObject({ waits: [563, 1_125] });
});

test("the longest wait is the caller's to say", async ({ expect }) => {
  expect(await call([noAnswer, noAnswer], { maxDelayMs: 600 })).toMatchObject({ waits: [500, 600] });
});

test("an abort ends the wait at once, with the last answer", async ({ expect }) => {
  const stop = new AbortController();
  const clock = {
    now: () => 0,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason));
        if (ms === 500) stop.abort();
      }),
  };
  expect(await call([noAnswer, fine], { clock, signal: stop.signal })).toMatchObject({
    answer: noAnswer,
    calls: 1,
  });
});

test("a call that nobody answers is given up and made again", async ({ expect }) => {
  let calls = 0;
  const answer = await callWithRetries(
    (signal) =>
      ++calls === 2
        ? Promise.resolve(fine)
        : new Promise((resolve) => signal.addEventListener("abort", () => resolve(noAnswer))),
    { ...makeDeps(), maxDelayMs: 4_000, callMs: 7 },
  );
  expect([answer, calls]).toEqual([fine, 2]);
});
