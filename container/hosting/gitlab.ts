/** Opens the merge request of a pushed branch through GitLab's REST API, or finds the one that is open already. */

import * as z from "zod";
import { type Step, done, failed } from "../process/step.ts";
import { type HostingDeps, callHosting, isSuccess, refused, toText } from "./answers.ts";
import { createCarefulFetch } from "./careful-fetch.ts";
import type { Answer } from "./retry.ts";

export type MergeRequest = {
  /** Tells the host and the project. */
  readonly cloneUrl: string;
  readonly token: string;
  readonly title: string;
  readonly description: string;
  readonly sourceBranch: string;
  readonly targetBranch: string;
};

const Opened = z.looseObject({ web_url: z.url({ protocol: /^https?$/ }).max(2_000) });
const Listed = z.array(Opened);

/** The address of the merge request. Every failure is of cause `api`. */
export async function openMergeRequest(merge: MergeRequest, deps: HostingDeps): Promise<Step<string>> {
  const url = toMergeRequestsUrl(merge.cloneUrl);
  if (url === null) return failed("api", "Cannot open a GitLab merge request without the repo clone URL");
  const branches = { source_branch: merge.sourceBranch, target_branch: merge.targetBranch };
  const body = JSON.stringify({ ...branches, title: merge.title, description: merge.description });
  const created = await send(url, { method: "POST", token: merge.token, body }, deps);
  if (saysExisting(created)) {
    const query = new URLSearchParams({ ...branches, state: "opened" });
    return findOpen(`${url}?${query.toString()}`, { token: merge.token, refusal: created }, deps);
  }
  if (!isSuccess(created) || created.kind === "no-answer") return refused("merge request", created, deps);
  const opened = Opened.safeParse(created.data);
  return opened.success
    ? done(opened.data.web_url)
    : failed("api", "GitLab did not return a merge request url");
}

async function findOpen(
  url: string,
  { token, refusal }: { readonly token: string; readonly refusal: Answer },
  deps: HostingDeps,
): Promise<Step<string>> {
  const listed = await send(url, { method: "GET", token }, deps);
  if (!isSuccess(listed) || listed.kind === "no-answer") return refused("merge request", listed, deps);
  const [found] = Listed.safeParse(listed.data).data ?? [];
  return found === undefined ? refused("merge request", refusal, deps) : done(found.web_url);
}

type Sent = { readonly method: "GET" | "POST"; readonly token: string; readonly body?: string };

function send(url: string, { method, token, body }: Sent, deps: HostingDeps): Promise<Answer> {
  const call = async (signal: AbortSignal): Promise<Answer> => {
    try {
      const response = await createCarefulFetch(deps.fetch)(url, {
        method,
        headers: {
          "private-token": token,
          accept: "application/json",
          "user-agent": "holt-harness",
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body }),
        signal,
      });
      const data = parseJson(await response.text());
      const retryAfter = response.headers.get("retry-after") ?? undefined;
      return { kind: "answer", status: response.status, data, retryAfter };
    } catch (error) {
      return { kind: "no-answer", reason: reasonOf(error) };
    }
  };
  return callHosting(call, deps);
}

/** Null for what is no URL of a project. */
function toMergeRequestsUrl(cloneUrl: string): string | null {
  const url = URL.parse(cloneUrl);
  const isHttp = url?.protocol === "https:" || url?.protocol === "http:";
  const path = url?.pathname.replace(/^\/+|\/+$/g, "").replace(/\.git$/, "") ?? "";
  if (url === null || !isHttp || path === "") return null;
  return `${url.origin}/api/v4/projects/${encodeURIComponent(decoded(path))}/merge_requests`;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // a stray percent sign: the name has it literally
    return path;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // a proxy in between answers in HTML
    return text;
  }
}

/** What was wrong stands in the cause of "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== ""
    ? `${error.message}: ${error.cause.message}`
    : error.message;
}

function saysExisting(answer: Answer): boolean {
  if (answer.kind === "no-answer") return false;
  return (
    answer.status === 409 ||
    (answer.status === 400 && /already exists|open merge request/i.test(toText(answer)))
  );
}
