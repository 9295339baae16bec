import type { Intake } from "./intake.ts";

/** `git check-ref-format --branch`: no option, no revision syntax, no part that a ref file cannot be named. */
export function isBranchName(name: string): boolean {
  if (name === "@" || name === "HEAD" || name.startsWith("-") || name.endsWith(".")) return false;
  // oxlint-disable-next-line no-control-regex -- git refuses control characters in refs
  if (/[\u0000-\u0020\u007f~^:?*[\\]/.test(name) || name.includes("..") || name.includes("@{")) return false;
  return name.split("/").every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"));
}

/** Refuses a name that git would not take as a branch; silent about absent and empty ones. */
export function checkBranchName(intake: Intake, name: string | undefined, path: string): void {
  if (name === undefined || name === "" || isBranchName(name)) return;
  intake.refuse(`'${path}' must be a valid git branch name`);
}

/** Refuses an owner or name whose parts would climb out of a directory named after it. */
export function checkRepoName(intake: Intake, name: string, path: string): void {
  if (name.split(/[/\\]/).some((part) => part === "." || part === "..")) {
    intake.refuse(`'${path}' must not contain '.' or '..' as a path segment`);
  }
}
