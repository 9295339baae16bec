import { onTestFinished, test } from "vitest";
import { type Order, openStand } from "../../../bench/pieces/stand.ts";

const mebibyte = 1024 * 1024;

async function open() {
  const stand = await openStand();
  onTestFinished(() => stand.close());
  return stand;
}

/** What the harness needed at most while an agent carried these orders out, and how it told the end. */
async function carryOut(orders: readonly Order[]) {
  const stand = await open();
  let reads = 0;
  const beatsBefore = stand.beats.times().length;
  await stand.dispatch("j1", orders);
  const view = await stand.ended("j1", () => (reads += 1));
  const { peakBytes } = await stand.harness.memory();
  const beats = stand.beats.times().length - beatsBefore;
  return { view, reads, beats, peakBytes, isAlive: stand.harness.isAlive() };
}

const answer = { state: "done", result: { summary: "costs 5 €", pushed: false } };

test("a line of 512 MiB, a flood and binary garbage leave the answer, the memory and the harness as they are", async ({
  expect,
}) => {
  const rest: readonly Order[] = [
    { kind: "garbage", bytes: 16 * mebibyte },
    { kind: "errors", bytes: 16 * mebibyte },
    { kind: "records", bytes: 32 * mebibyte, recordBytes: 100_000 },
  ];
  const small = await carryOut([{ kind: "line", bytes: 32 * mebibyte }, ...rest]);
  const large = await carryOut([{ kind: "line", bytes: 512 * mebibyte }, ...rest]);
  for (const { view, isAlive } of [small, large]) {
    expect(view).toMatchObject(answer);
    expect(isAlive).toBe(true);
  }
  // sixteen times the length, and no more than a fraction of it in memory
  expect(large.peakBytes - small.peakBytes).toBeLessThan(64 * mebibyte);
}, 120_000);

test("while an agent floods all its streams, polls are answered and beats go out", async ({ expect }) => {
  const flood: Order = { kind: "records", bytes: 128 * mebibyte, recordBytes: 200_000 };
  const { view, reads, beats } = await carryOut([flood, { kind: "errors", bytes: 32 * mebibyte }]);
  expect(view).toMatchObject(answer);
  expect(reads).toBeGreaterThan(10);
  expect(beats).toBeGreaterThan(1);
}, 120_000);
