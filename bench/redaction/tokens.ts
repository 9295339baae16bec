/** Tokens of issuers in the places where an agent's output has them, put together only here. */

import { redact } from "../../shared/redact.ts";
import { type Row, atLeast } from "../pieces/table.ts";
import { createNoise, isLeaked } from "./noise.ts";

/** A prefix, and how many letters and digits follow. */
const heads: ReadonlyArray<readonly [head: string, length: number]> = [
  ["ghp_", 36],
  ["gho_", 36],
  ["ghs_", 36],
  ["github_pat_", 82],
  ["glpat-", 20],
  ["sk-ant-api03-", 95],
  ["sk-proj-", 100],
  ["xai-", 80],
  ["npm_", 36],
  ["xoxb-", 50],
  ["AIza", 35],
  ["sk_live_", 24],
  ["hvs.", 90],
  ["cfat_", 40],
];
const places = [
  "%",
  "printed % and left",
  '"x": "%"',
  '{\\"a\\": \\"%\\"}',
  "?t=%&p=2",
  "https://o:%@h/r",
  "+ v: %,",
  "\\n%\\n",
];

export function measureTokens(): readonly Row[] {
  const noise = createNoise(7);
  let [hidden, all] = [0, 0];
  for (const [head, length] of heads) {
    for (const place of places) {
      const token = head + noise(length);
      all += 1;
      if (!isLeaked(token, redact(place.replace("%", () => token)))) hidden += 1;
    }
  }
  return [atLeast(`tokens hidden, of ${all}`, (100 * hidden) / all, 100, " %")];
}
