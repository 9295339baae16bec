/** Opens the pull request of a pushed branch through GitHub's REST API, or finds the one that is open already. */

import { request } from "@octokit/request";
import * as z from "zod";
import { type Step, done, failed } from "../process/step.ts";
import { type HostingDeps, callHosting, isSuccess, refused, toText } from "./answers.ts";
import { createCarefulFetch } from "./careful-fetch.ts";
import type { Answer } from "./retry.ts";

export type PullRequest = {
  /** Absent: `https://api.github.com`. */
  readonly apiBase: string | undefined;
  readonly token: string;
  readonly owner: string;
  readonly repo: string;
  readonly title: string;
  readonly body: string;
  readonly head: string;
  readonly base: string;
};

const Opened = z.looseObject({ html_url: z.url({ protocol: /^https?$/ }).max(2_000) });
const Listed = z.array(Opened);

/** The address of the pull request. Every failure is of cause `api`. */
export async function openPullRequest(pull: PullRequest, deps: HostingDeps): Promise<Step<string>> {
  const { owner, repo, title, body, head, base } = pull;
  const created = await send(pull, deps, {
    route: "POST /repos/{owner}/{repo}/pulls",
    fields: { owner, repo, title, head, base, body },
  });
  if (saysExisting(created)) return findOpen(pull, deps, created);
  if (!isSuccess(created) || created.kind === "no-answer") return refused("PR", created, deps);
  const opened = Opened.safeParse(created.data);
  return opened.success ? done(opened.data.html_url) : failed("api", "GitHub did not return a PR url");
}

async function findOpen(pull: PullRequest, deps: HostingDeps, refusal: Answer): Promise<Step<string>> {
  const { owner, repo, head, base } = pull;
  const listed = await send(pull, deps, {
    route: "GET /repos/{owner}/{repo}/pulls",
    fields: { owner, repo, head: `${owner}:${head}`, base, state: "open" },
  });
  if (!isSuccess(listed) || listed.kind === "no-answer") return refused("PR", listed, deps);
  const [found] = Listed.safeParse(listed.data).data ?? [];
  return found === undefined ? refused("PR", refusal, deps) : done(found.html_url);
}

function send(
  { apiBase, token }: PullRequest,
  deps: HostingDeps,
  { route, fields }: { readonly route: string; readonly fields: Readonly<Record<string, string>> },
): Promise<Answer> {
  const call = async (signal: AbortSignal): Promise<Answer> => {
    try {
      const { status, data, headers } = await request(route, {
        baseUrl: (apiBase ?? "https://api.github.com").replace(/\/+$/, ""),
        ...fields,
        headers: {
          authorization: `Bearer ${token}`,
          accept: "application/vnd.github+json",
          "user-agent": "holt-harness",
          "x-github-api-version": "2022-11-28",
        },
        request: { fetch: createCarefulFetch(deps.fetch), signal, log: silent },
      });
      return { kind: "answer", status, data, retryAfter: headers["retry-after"]?.toString() };
    } catch (error) {
      return toAnswer(error);
    }
  };
  return callHosting(call, deps);
}

const silent = { debug: noop, info: noop, warn: noop, error: noop } as const;

function noop(): void {}

const HttpFailure = z.looseObject({
  status: z.int(),
  response: z.looseObject({
    data: z.unknown(),
    headers: z.looseObject({ "retry-after": z.string().optional() }),
  }),
});

/** The client throws for every status from 400 on, and without a response where there was none. */
function toAnswer(error: unknown): Answer {
  const failure = HttpFailure.safeParse(error);
  if (!failure.success) {
    return { kind: "no-answer", reason: error instanceof Error ? error.message : String(error) };
  }
  const { status, response } = failure.data;
  return { kind: "answer", status, data: response.data, retryAfter: response.headers["retry-after"] };
}

function saysExisting(answer: Answer): boolean {
  return (
    answer.kind === "answer" && answer.status === 422 && /pull request already exists/i.test(toText(answer))
  );
}
