import * as z from "zod";
import {
  type Fields,
  type Intake,
  drop,
  flag,
  isFields,
  optionalBoolean,
  optionalString,
  optionalText,
  own,
  requireText,
} from "./intake.ts";
import { checkBranchName, checkRepoName } from "./refs.ts";
import { anyText, requiredText } from "./text.ts";

export const JobPullRequest = z.object({ title: requiredText, body: anyText });
export type JobPullRequest = z.infer<typeof JobPullRequest>;

export const JobBootstrap = z.object({
  target: z.object({
    owner: requiredText,
    name: requiredText,
    cloneUrl: requiredText,
    defaultBranch: requiredText,
  }),
  fromScratch: z.boolean(),
});
export type JobBootstrap = z.infer<typeof JobBootstrap>;

export const CodingFields = z.object({
  /** Created off `branch`, or resumed where the remote has it. */
  newBranch: requiredText.optional(),
  /** Where the work is pushed. */
  pushBranch: requiredText,
  /** Of the commit that saves what the agent left uncommitted. */
  commitMessage: requiredText,
  pr: JobPullRequest.optional(),
  noChangesIsError: z.boolean(),
  /** Selects the conflict-resolution flow. */
  mergeBase: requiredText.optional(),
  /** Selects the bootstrap flow; wins over `mergeBase`. */
  bootstrap: JobBootstrap.optional(),
});
export type CodingFields = z.infer<typeof CodingFields>;

export type PullRequestAndBootstrap = Pick<CodingFields, "pr" | "bootstrap">;

/** These two are checked before every other field, in every mode. */
export function parsePullRequestAndBootstrap(intake: Intake, body: Fields): PullRequestAndBootstrap {
  const pr = parsePullRequest(intake, own(body, "pr"));
  const bootstrap = parseBootstrap(intake, own(body, "bootstrap"));
  return { ...(pr !== undefined && { pr }), ...(bootstrap !== undefined && { bootstrap }) };
}

export function parseCodingFields(
  intake: Intake,
  { body, branch, early }: { body: Fields; branch: string; early: PullRequestAndBootstrap },
): CodingFields {
  const readBranch = (key: string): string | undefined => {
    const name = optionalText(intake, body, key);
    checkBranchName(intake, name, key);
    return name;
  };
  const newBranch = readBranch("newBranch");
  const pushBranch = readBranch("pushBranch") ?? newBranch ?? branch;
  const mergeBase = readBranch("mergeBase");
  return {
    ...early,
    ...(newBranch !== undefined && { newBranch }),
    pushBranch,
    commitMessage: optionalText(intake, body, "commitMessage") ?? early.pr?.title ?? "Agent changes",
    noChangesIsError: optionalBoolean(intake, body, "noChangesIsError") ?? true,
    ...(mergeBase !== undefined && { mergeBase }),
  };
}

function parsePullRequest(intake: Intake, value: unknown): JobPullRequest | undefined {
  if (value === undefined) return undefined;
  if (!isFields(value)) return drop(intake, "pr", "an object");
  const title = requireText(intake, value, "title", "pr.title");
  return { title, body: optionalString(intake, value, "body", "pr.body") ?? "" };
}

/** An array counts as an object here, as it does at the original. */
function parseBootstrap(intake: Intake, value: unknown): JobBootstrap | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null) return drop(intake, "bootstrap", "an object");
  const given = own(value, "target");
  const target = isFields(given) ? given : {};
  const read = (key: string): string => requireText(intake, target, key, `bootstrap.target.${key}`);
  const owner = read("owner");
  checkRepoName(intake, owner, "bootstrap.target.owner");
  const name = read("name");
  checkRepoName(intake, name, "bootstrap.target.name");
  const cloneUrl = read("cloneUrl");
  const defaultBranch = read("defaultBranch");
  checkBranchName(intake, defaultBranch, "bootstrap.target.defaultBranch");
  const fromScratch = flag(intake, value, "fromScratch", "bootstrap.fromScratch");
  return { target: { owner, name, cloneUrl, defaultBranch }, fromScratch };
}
