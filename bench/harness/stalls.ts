/** How long a flood holds the harness's event loop at most, and whether it goes on speaking meanwhile. */

import { heldMs, watchEventLoop } from "../pieces/event-loop.ts";
import { emptyServer, startProcess } from "../pieces/real-harness.ts";
import { type Order, openStand } from "../pieces/stand.ts";
import { type Row, atLeast, atMost, told } from "../pieces/table.ts";

const mebibyte = 1024 * 1024;
const flood: readonly Order[] = [
  { kind: "records", bytes: 512 * mebibyte, recordBytes: 64 * 1024 },
  { kind: "errors", bytes: 64 * mebibyte },
  { kind: "lines", bytes: 8 * mebibyte },
];

export async function measureStalls(): Promise<readonly Row[]> {
  const stand = await openStand({ nodeArgs: watchEventLoop });
  const bystander = await startProcess({ args: [...watchEventLoop, emptyServer] });
  try {
    // the first job reads modules, which no flood does
    await stand.dispatch("first", []);
    await stand.ended("first");
    await Promise.all([heldMs(stand.harness), heldMs(bystander)]);
    const beatsBefore = stand.beats.times().length;
    const answersMs: number[] = [];
    await stand.dispatch("flood", flood);
    await stand.ended("flood", (ms) => answersMs.push(ms));
    const beats = stand.beats.times().length - beatsBefore;
    return [
      atMost("longest event-loop stall during a flood", await heldMs(stand.harness), 100, " ms"),
      told("the same of an idle process meanwhile", await heldMs(bystander), " ms"),
      told("longest answer to a poll meanwhile", Math.max(...answersMs), " ms"),
      atLeast("beats meanwhile", beats, 5, ""),
    ];
  } finally {
    await bystander.end();
    await stand.close();
  }
}
