import * as z from "zod";
import { type Fields, type Intake, drop, isFields, own, requireText } from "./intake.ts";
import { checkBranchName, checkRepoName } from "./refs.ts";
import { requiredText } from "./text.ts";

export const JobRepo = z.object({
  owner: requiredText,
  name: requiredText,
  /** Base of the pull request; clones use the job's `branch`. */
  baseBranch: requiredText,
  cloneUrl: requiredText,
  provider: z.enum(["github", "gitlab"]).optional(),
  /** The subtree of a monorepo the agent works in: `/`-separated, no `.` or `..` segments. */
  serviceDirectory: requiredText.optional(),
});
export type JobRepo = z.infer<typeof JobRepo>;

export function parseRepo(intake: Intake, body: Fields): JobRepo {
  const value = own(body, "repo");
  const repo = isFields(value) ? value : {};
  const owner = requireText(intake, repo, "owner", "repo.owner");
  checkRepoName(intake, owner, "repo.owner");
  const name = requireText(intake, repo, "name", "repo.name");
  checkRepoName(intake, name, "repo.name");
  const baseBranch = requireText(intake, repo, "baseBranch", "repo.baseBranch");
  checkBranchName(intake, baseBranch, "repo.baseBranch");
  const cloneUrl = requireText(intake, repo, "cloneUrl", "repo.cloneUrl");
  const provider = parseProvider(intake, own(repo, "provider"));
  const serviceDirectory = parseServiceDirectory(intake, own(repo, "serviceDirectory"));
  return {
    owner,
    name,
    baseBranch,
    cloneUrl,
    ...(provider !== undefined && { provider }),
    ...(serviceDirectory !== undefined && { serviceDirectory }),
  };
}

function parseProvider(intake: Intake, value: unknown): JobRepo["provider"] {
  if (value === undefined || value === "github" || value === "gitlab") return value;
  intake.refuse("'repo.provider' must be 'github' or 'gitlab'");
  return undefined;
}

function parseServiceDirectory(intake: Intake, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string") return drop(intake, "repo.serviceDirectory", "a string");
  const segments = value
    .trim()
    .replaceAll("\\", "/")
    .split("/")
    .filter((segment) => segment !== "" && segment !== ".");
  if (segments.includes("..") || value.includes("\0")) {
    intake.refuse("'repo.serviceDirectory' must be a path inside the repo");
  }
  return segments.length === 0 ? undefined : segments.join("/");
}
