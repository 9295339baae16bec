import { limitNames } from "../shared/policy.ts";
import { parsePairs } from "./command.ts";
import { misuse } from "./exit-code.ts";
import { parseDuration } from "./time.ts";

/** What `--policy` takes. Limits go by their names with or without `Ms`: `maxDuration=30m`, `max-duration=30m`. */
export const policyKeys: readonly string[] = [
  ...limitNames.map((name) => toFlagName(name)),
  "recovery",
  "budgets.crash",
  "budgets.transient",
  "scale",
];

export function parsePolicy(pairs: readonly string[]): Readonly<Record<string, unknown>> {
  let policy: Readonly<Record<string, unknown>> = {};
  let budgets: Readonly<Record<string, number>> = {};
  for (const [key, text] of Object.entries(parsePairs(pairs, "policy"))) {
    const limit = limitNames.find((name) => [name, name.slice(0, -2), toFlagName(name)].includes(key));
    if (limit !== undefined) policy = { ...policy, [limit]: toMs(key, text) };
    else if (key === "recovery") policy = { ...policy, recovery: text };
    else if (key === "scale") policy = { ...policy, scale: toNumber(key, text) };
    else if (key === "budgets.crash") budgets = { ...budgets, crash: toNumber(key, text) };
    else if (key === "budgets.transient") budgets = { ...budgets, transient: toNumber(key, text) };
    else throw misuse(`--policy knows no '${key}'; it knows ${policyKeys.join(", ")}`);
  }
  return Object.keys(budgets).length === 0 ? policy : { ...policy, budgets };
}

function toFlagName(limit: string): string {
  return limit.slice(0, -2).replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function toMs(key: string, text: string): number {
  const ms = /^\d+$/.test(text) ? Number(text) : parseDuration(text);
  if (ms === null) throw misuse(`--policy ${key} takes a duration such as 90s, 30m or 2h, not '${text}'`);
  return ms;
}

function toNumber(key: string, text: string): number {
  if (!/^\d+(?:\.\d+)?$/.test(text)) throw misuse(`--policy ${key} takes a number, not '${text}'`);
  return Number(text);
}
