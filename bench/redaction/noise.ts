/** Secrets and texts for the benches, the same for the same seed: none was ever one. */

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
export const symbols = `${letters}+/="\\<&'@: %é-_.`;

export type Noise = (length: number, units?: string) => string;

/** Each call goes on where the last one stopped. */
export function createNoise(seed: number): Noise {
  let state = Math.imul(seed + 1, 2_654_435_761) >>> 0;
  return (length, units = letters) => {
    let text = "";
    while (text.length < length) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      text += units[(state >>> 16) % units.length] ?? "";
    }
    return text;
  };
}

/** Whether so much of a secret survives that it helps: half of it, at most 24 characters in a row. */
export function isLeaked(secret: string, out: string): boolean {
  const part = Math.max(6, Math.min(24, Math.ceil(secret.length / 2)));
  for (let at = 0; at + part <= secret.length; at += 1) {
    if (out.includes(secret.slice(at, at + part))) return true;
  }
  return false;
}
