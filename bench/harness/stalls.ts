/** How long a flood holds the harness's event loop at most, and whether it goes on speaking meanwhile. */

import { join } from "node:path";
import { openStand } from "../pieces/stand.ts";
import { type Row, atLeast, atMost, told } from "../pieces/table.ts";

const preload = join(import.meta.dirname, "../pieces/event-loop.mjs");
const mebibyte = 1024 * 1024;

export async function measureStalls(): Promise<readonly Row[]> {
  const stand = await openStand({ nodeArgs: ["--import", preload] });
  try {
    // the first job reads the flows' modules, which no flood does
    await stand.dispatch("first", []);
    await stand.ended("first");
    const { pid, waitForLine } = stand.harness;
    process.kill(pid, "SIGUSR2");
    await waitForLine(/held for/);
    const beatsBefore = stand.beats.times().length;
    const answersMs: number[] = [];
    await stand.dispatch("flood", [
      { kind: "records", bytes: 512 * mebibyte, recordBytes: 64 * 1024 },
      { kind: "errors", bytes: 64 * mebibyte },
    ]);
    await stand.ended("flood", (ms) => answersMs.push(ms));
    const beats = stand.beats.times().slice(beatsBefore);
    const gapsMs = beats.slice(1).map((at, index) => at - (beats[index] ?? at));
    const seen = stand.harness.lines.length;
    process.kill(pid, "SIGUSR2");
    while (!stand.harness.lines.slice(seen).some((line) => line.includes("held for")))
      await new Promise((resolve) => setTimeout(resolve, 10));
    const [, heldMs] = await waitForLine(/held for at most ([\d.]+) ms/);
    return [
      atMost("longest event-loop stall during a flood", Number(heldMs), 100, " ms"),
      told("longest answer to a poll meanwhile", Math.max(...answersMs), " ms"),
      atLeast("beats meanwhile, of which 5 a second are due", beats.length, 1, ""),
      told("longest gap between two beats", Math.max(...gapsMs), " ms"),
    ];
  } finally {
    await stand.close();
  }
}
