/** Text that makes a rule begin at every turn: four times as much may take four times as long. */

import { createRedactor } from "../../shared/redact.ts";
import { type Row, atMost } from "../pieces/table.ts";
import { cpuMs } from "./clock.ts";

const units = [
  "token",
  "token=",
  'key="a\\"',
  "eyJ",
  "ghp_",
  "A",
  "://a:b@",
  "<token>\n",
  "authorization: ",
  "name: key\n",
  "'",
  "\u001b[",
];
const chars = 128 * 1024;

export function measureWorst(): readonly Row[] {
  const { redact } = createRedactor(["tokentokenx", "AAAAAAAb"]);
  let [growth, slowest] = [0, 0];
  for (const unit of units) {
    const once = unit.repeat(chars / 4 / unit.length);
    const four = unit.repeat(chars / unit.length);
    const tries = Array.from(
      { length: 3 },
      () => [cpuMs(() => redact(once)), cpuMs(() => redact(four))] as const,
    );
    const [small, large] = [Math.min(...tries.map(([ms]) => ms)), Math.min(...tries.map(([, ms]) => ms))];
    growth = Math.max(growth, large / Math.max(small, 1));
    slowest = Math.max(slowest, large);
  }
  return [
    atMost("hostile text: time for four times as much", growth, 8, "×"),
    atMost("hostile text: the slowest 128 KiB", slowest, 250, " ms"),
  ];
}
