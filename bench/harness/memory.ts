/** What a harness needs at most while an agent prints two gibibytes, a quarter of them in one line. */

import { type Order, openStand } from "../pieces/stand.ts";
import { type Row, atMost, told } from "../pieces/table.ts";

const mebibyte = 1024 * 1024;
const orders: readonly Order[] = [
  { kind: "records", bytes: 1_504 * mebibyte, recordBytes: 256 * 1024 },
  { kind: "line", bytes: 512 * mebibyte },
  { kind: "garbage", bytes: 32 * mebibyte },
];

export async function measureMemory(): Promise<readonly Row[]> {
  const stand = await openStand();
  try {
    const startedAt = performance.now();
    await stand.dispatch("memory", orders);
    const { state } = await stand.ended("memory");
    if (state !== "done") throw new Error(`the job ended as ${String(state)}`);
    const { peakBytes } = await stand.harness.memory();
    return [
      atMost("peak memory on a 2 GiB agent stream", peakBytes / mebibyte, 150, " MiB"),
      told("that job from dispatch to end", (performance.now() - startedAt) / 1000, " s"),
    ];
  } finally {
    await stand.close();
  }
}
