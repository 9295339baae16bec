import { type PathName, pathNames } from "../id-patterns.ts";
import type { CallFailure } from "./call-failure.ts";
import { unsendable } from "./failure.ts";

export type Address =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "failed"; readonly failure: CallFailure };

/** Fills in a path of the endpoint table. What is no id, or would be read as a step through the path, is refused. */
export function toPath(pattern: string, values: Readonly<Partial<Record<PathName, string>>>): Address {
  const wrong: string[] = [];
  const path = pattern.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const value = isPathName(name) ? values[name] : undefined;
    const isId = isPathName(name) && value !== undefined && pathNames[name](value);
    if (isId && !/^\.\.?$/.test(value)) return encodeURIComponent(value);
    wrong.push(`${name} '${value ?? ""}'`);
    return "";
  });
  if (wrong.length === 0) return { kind: "path", path };
  return { kind: "failed", failure: unsendable(wrong) };
}

function isPathName(name: string): name is PathName {
  return Object.hasOwn(pathNames, name);
}
