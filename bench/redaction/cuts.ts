/** Text in pieces: every position of one cut, and of two. */

import { createRedactor } from "../../shared/redact.ts";
import { type Row, atMost } from "../pieces/table.ts";
import { createNoise, isLeaked } from "./noise.ts";

const noise = createNoise(3);
const known = noise(24);
const token = `ghp_${noise(36)}`;
const key = noise(48);
const text = [
  `log ${known} and\n`,
  `"api_key": "${noise(20)}", ${token}\n`,
  `\u001b[32m${known.slice(0, 9)}\u001b[0m${known.slice(9)}\n`,
  `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
].join("");

export function measureCuts(): readonly Row[] {
  const { stream, redact } = createRedactor([known]);
  const whole = redact(text);
  const pieces = (cuts: readonly number[]): string => {
    const { write, end } = stream();
    return [0, ...cuts].map((from, at) => write(text.slice(from, cuts[at]))).join("") + end();
  };
  let [leaks, differences] = [0, 0];
  for (let first = 0; first <= text.length; first += 1) {
    for (let second = first; second <= text.length; second += 1) {
      const out = pieces([first, second]);
      if ([known, token, key].some((secret) => isLeaked(secret, out))) leaks += 1;
      if (out !== whole) differences += 1;
    }
  }
  return [
    atMost("leaks at cuts in two and three", leaks, 0, ""),
    atMost("cuts that change what comes out", differences, 0, ""),
  ];
}
