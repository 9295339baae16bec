import type { JsonObject } from "./json-object.ts";

/** What a caller's hint says about the object it wants, as far as a program can read it. */
export type Shape = {
  /** Top-level keys the object should have. */
  readonly keys: readonly string[];
};

export function missingKeys(shape: Shape | null, value: JsonObject): readonly string[] {
  return shape === null ? [] : shape.keys.filter((key) => !Object.hasOwn(value, key));
}
