/** Secrets for tests are made here and from seeds: none of them was ever one. */

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Letters and digits in no order, the same for the same seed. */
export function noise(length: number, seed = 1): string {
  return noiseOf(alphabet, length, seed);
}

export function noiseOf(units: string, length: number, seed = 1): string {
  let state = seed * 2_654_435_761;
  let text = "";
  while (text.length < length) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    text += units[(state >>> 16) % units.length] ?? "";
  }
  return text;
}

export function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}

const jwt = `eyJ${noise(33, 2)}.eyJ${noise(120, 3)}.${noise(43, 4)}-_${noise(20, 5)}`;

/** Built from parts, so that no scanner takes this file for a leak. */
export const tokens: ReadonlyArray<readonly [name: string, token: string]> = [
  ...["p", "o", "u", "s", "r"].map((kind) => [`gh${kind}_`, `gh${kind}_${noise(36)}`] as const),
  ["stateless ghs_", ["ghs", "1234567", jwt].join("_")],
  ["github_pat_", `github_pat_${noise(22)}_${noise(59)}`],
  ["glpat-", `glpat-${noise(20)}`],
  ["sk-ant-", `sk-ant-api03-${noise(40)}-${noise(40, 7)}AA`],
  ["sk-ant-oat", `sk-ant-oat01-${noise(60)}_${noise(20, 8)}`],
  ["sk-proj-", `sk-proj-${noise(48)}`],
  ["sk-", `sk-${noise(48)}`],
  ["npm_", `npm_${noise(36)}`],
  ["xoxb-", `xoxb-123456789012-${noise(24)}`],
  ["AKIA", `AKIA${noise(16).toUpperCase()}`],
  ["JWT", jwt],
];
