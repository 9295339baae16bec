/** Ordinary text, beside one regular expression that reads the same text once. */

import { redact } from "../../shared/redact.ts";
import { type Row, atMost, told } from "../pieces/table.ts";
import { cpuMs } from "./clock.ts";
import { readable } from "./readable.ts";

/** Three lines in four hold no name that says anything. */
const plain = "  const rows = lines.map((line) => line.trim()).filter((line) => line.length > 0);\n".repeat(
  3,
);
const text = readable
  .map((line) => `${line}\n${plain}`)
  .join("")
  .repeat(100)
  .slice(0, 64 * 1024);
const linear = /["']?(?:password|secret|token|key)["']?\s{0,4}[:=]\s{0,4}[^\s"']{8,}/gi;
const rounds = 100;

export function measureSpeed(): readonly Row[] {
  const ownMs = bestMs(() => redact(text));
  const oneMs = bestMs(() => text.replaceAll(linear, "***"));
  return [
    atMost("time beside one regular expression", ownMs / oneMs, 60, "×"),
    told("speed", (text.length * rounds) / 1_048_576 / (ownMs / 1000), " MiB/s"),
  ];
}

function bestMs(act: () => unknown): number {
  const repeat = (): void => {
    for (let round = 0; round < rounds; round += 1) act();
  };
  return Math.min(...Array.from({ length: 5 }, () => cpuMs(repeat)));
}
