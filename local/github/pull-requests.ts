/** Pull requests as the stand-in keeps them, and the grounds on which GitHub does not take one. */
import * as z from "zod";
import type { GitServer } from "../git-server/git-server.ts";
import type { Recording } from "../http-server.ts";

export const NewPullRequest = z.looseObject({
  title: z.string().min(1),
  head: z.string().min(1),
  base: z.string().min(1),
  body: z.string().nullish(),
});
export type NewPullRequest = z.infer<typeof NewPullRequest>;

export interface Repository {
  readonly owner: string;
  readonly name: string;
}

export interface PullRequest extends Repository {
  readonly number: number;
  readonly title: string;
  readonly body: string | null;
  readonly head: string;
  readonly base: string;
  /** The commit at the head when it was opened. */
  readonly headCommit: string;
  readonly htmlUrl: string;
}

/** Where branches are looked up. */
export type Branches = Pick<GitServer, "hasRepository" | "branch" | "commitsBetween">;

export interface Refused {
  /** One entry of the `errors` of a 422. */
  readonly error: Readonly<Record<string, string>>;
}

/** Opens a pull request, or says why not. All are open: nothing here merges or closes. */
export async function openPullRequest(
  { git, pulls, url }: { git: Branches; pulls: Recording<PullRequest>; url: string },
  { owner, name }: Repository,
  asked: NewPullRequest,
): Promise<PullRequest | Refused> {
  const { base, title, body } = asked;
  const head = asked.head.startsWith(`${owner}:`) ? asked.head.slice(owner.length + 1) : asked.head;
  const headCommit = await git.branch(owner, name, head);
  if (headCommit === undefined) return { error: { field: "head", code: "invalid" } };
  const baseCommit = await git.branch(owner, name, base);
  if (baseCommit === undefined) return { error: { field: "base", code: "invalid" } };
  if ((await git.commitsBetween(owner, name, { base, head })) === 0) {
    return { error: { code: "custom", message: `No commits between ${base} and ${head}` } };
  }
  const others = pulls.all().filter((pull) => pull.owner === owner && pull.name === name);
  if (others.some((pull) => pull.head === head && pull.base === base)) {
    return { error: { code: "custom", message: `A pull request already exists for ${owner}:${head}.` } };
  }
  const number = others.length + 1;
  const htmlUrl = `${url}/${owner}/${name}/pull/${String(number)}`;
  const pull: PullRequest = {
    owner,
    name,
    number,
    title,
    body: body ?? null,
    head,
    base,
    headCommit,
    htmlUrl,
  };
  pulls.add(pull);
  return pull;
}

/** The newest first. A `head` without its owner is overlooked, as GitHub does. */
export function findPullRequests(
  pulls: readonly PullRequest[],
  { owner, name }: Repository,
  { head, base, state }: Readonly<Partial<Record<"head" | "base" | "state", string>>>,
): readonly PullRequest[] {
  if (state === "closed") return [];
  return pulls
    .filter((pull) => pull.owner === owner && pull.name === name)
    .filter((pull) => head === undefined || !head.includes(":") || `${owner}:${pull.head}` === head)
    .filter((pull) => base === undefined || pull.base === base)
    .toReversed();
}

/** The fields of GitHub's answer that clients of the pull request routes read. */
export function toAnswer(pull: PullRequest): object {
  const { owner, name, number, title, body, head, base, headCommit, htmlUrl } = pull;
  return {
    number,
    state: "open",
    title,
    body,
    html_url: htmlUrl,
    head: { ref: head, label: `${owner}:${head}`, sha: headCommit },
    base: { ref: base, label: `${owner}:${base}`, repo: { full_name: `${owner}/${name}` } },
  };
}

/** What a person reads who follows the link of the demo. */
export function toPage(pull: PullRequest): string {
  return `#${String(pull.number)} ${pull.title}\n${pull.head} → ${pull.base} at ${pull.headCommit}\n\n${pull.body ?? ""}\n`;
}
