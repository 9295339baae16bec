/** The terminal, the clock and the randomness of the local programs; only this file reads them. */
import { randomBytes, randomUUID } from "node:crypto";

export const terminal = {
  isInteractive: process.stdout.isTTY,
  print: (line: string): void => {
    process.stdout.write(`${line}\n`);
  },
  complain: (line: string): void => {
    process.stderr.write(`${line}\n`);
  },
};

export const now = (): number => Date.now();
export const randomToken = (): string => randomBytes(24).toString("base64url");
export const randomKey = (): string => randomBytes(32).toString("base64");
export const randomId = (): string => randomUUID();
