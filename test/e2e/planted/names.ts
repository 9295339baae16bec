import { execFileSync } from "node:child_process";
import type { World } from "../world.ts";
import { formsOf } from "./forms.ts";

/** Those forms of values that a file and a part of a branch may be named by. */
export function namesOf(...values: readonly string[]): readonly string[] {
  const forms = values.flatMap((value) => formsOf(value).map(({ text }) => text));
  return [...new Set(forms)].filter((text) => /^[\w%=-]+$/.test(text));
}

export function branchesOf({ repository }: World): string {
  return execFileSync("git", ["--git-dir", repository.path, "branch"], { encoding: "utf8" });
}
