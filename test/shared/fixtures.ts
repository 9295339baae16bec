import { readFileSync } from "node:fs";

/** A frozen wire example. Once its version is released it is never edited: it must parse for as long as that is accepted. */
export function readFixture(name: string, version = "v1"): Record<string, unknown> {
  const url = new URL(`fixtures/${version}/${name}.json`, import.meta.url);
  const value: unknown = JSON.parse(readFileSync(url, "utf8"));
  if (typeof value !== "object" || value === null) throw new Error(`${name} is no object`);
  return Object.fromEntries(Object.entries(value));
}
