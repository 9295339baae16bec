import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { World } from "../world.ts";
import { namesOf } from "./names.ts";
import { planted } from "./values.ts";

/** A branch that is cloned is named in every line of the harness's log. */
export const tellingBuild = `telling-build/${namesOf(planted.git).join("/")}`;

/** Prints its environment on both streams; last a line so long that its reader cuts it, in the middle of the password. */
const build = `
for (const [name, value] of Object.entries(process.env)) console.log(name + "=" + value);
console.error(process.env.TELL);
const { SERVICE_PASSWORD: password } = process.env;
console.error("x ".repeat(2_037) + password + " " + "y".repeat(200));
process.exitCode = 1;
`;

/** Adds a branch to the sample repository whose build tells its environment and fails. */
export function addTellingBuild({ repository, stateDir }: World): void {
  const workTree = mkdtempSync(join(stateDir, "repo-"));
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", workTree, "-c", "user.name=S", "-c", "user.email=s@holt.invalid", ...args], {
      encoding: "utf8",
    });
  git("clone", "-q", repository.path, ".");
  git("checkout", "-q", "-b", tellingBuild);
  writeFileSync(join(workTree, "build.mjs"), build);
  const scripts = { build: "node build.mjs" };
  writeFileSync(join(workTree, "package.json"), JSON.stringify({ name: "frontend", scripts }));
  git("add", "-A");
  git("commit", "-q", "-m", "Tell the environment");
  git("push", "-q", "origin", tellingBuild);
}
