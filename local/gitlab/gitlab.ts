/**
 * A stand-in for a GitLab instance: its REST API opens and finds merge requests, and at the same origin, as at a real
 * one, repositories of a git server are cloned and pushed to.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import * as z from "zod";
import type { GitServer } from "../git-server/git-server.ts";
import type { Recording } from "../http-server.ts";
import { createRecording, listenOnLoopback } from "../http-server.ts";

export interface GitLabOptions {
  /** What callers must bring as `private-token`. */
  readonly token: string;
  readonly git: Pick<GitServer, "url" | "branch">;
}

export interface MergeRequest {
  readonly project: string;
  readonly title: string;
  readonly description: string;
  readonly source_branch: string;
  readonly target_branch: string;
  readonly web_url: string;
}

export interface GitLabRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly token: string | undefined;
  readonly status: number;
}

export interface GitLab {
  /** The origin of the instance, without a trailing slash. */
  readonly url: string;
  readonly cloneUrl: (owner: string, name: string) => string;
  readonly merges: () => readonly MergeRequest[];
  /** Every request to the API with how it was answered. */
  readonly requests: () => readonly GitLabRequest[];
  readonly close: () => Promise<void>;
}

const Asked = z.object({
  source_branch: z.string().min(1),
  target_branch: z.string().min(1),
  title: z.string().min(1),
  description: z.string().default(""),
});

type Answered = { readonly status: number; readonly json: unknown };

export async function startGitLab({ token, git }: GitLabOptions): Promise<GitLab> {
  const merges = createRecording<MergeRequest>();
  const requests = createRecording<GitLabRequest>();
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = incoming.url ?? "/";
    if (!path.startsWith("/api/v4/")) return forward(git.url, incoming, response);
    const brought = incoming.headers["private-token"];
    const { status, json } =
      brought === token
        ? await answer({ git, merges, origin: server.url }, incoming)
        : { status: 401, json: { message: "401 Unauthorized" } };
    requests.add({
      method: incoming.method ?? "",
      path,
      token: typeof brought === "string" ? brought : undefined,
      status,
    });
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
  };
  const server = await listenOnLoopback((incoming, response) => {
    serve(incoming, response).catch(() => response.destroy());
  });
  return {
    url: server.url,
    cloneUrl: (owner, name) => `${server.url}/${owner}/${name}.git`,
    merges: merges.all,
    requests: requests.all,
    close: server.close,
  };
}

interface Instance {
  readonly git: Pick<GitServer, "branch">;
  readonly merges: Recording<MergeRequest>;
  readonly origin: string;
}

async function answer(instance: Instance, incoming: IncomingMessage): Promise<Answered> {
  const { pathname, searchParams } = new URL(incoming.url ?? "/", instance.origin);
  const encoded = /^\/api\/v4\/projects\/([^/]+)\/merge_requests$/.exec(pathname)?.[1];
  const project = decodeURIComponent(encoded ?? "");
  if (project === "") return { status: 404, json: { message: "404 Not Found" } };
  if (incoming.method === "POST") return open(instance, project, await text(incoming));
  const wanted = ["source_branch", "target_branch"] as const;
  const found = instance.merges
    .all()
    .filter((merge) => merge.project === project)
    .filter((merge) => wanted.every((key) => [null, merge[key]].includes(searchParams.get(key))));
  return { status: 200, json: found };
}

async function open({ git, merges, origin }: Instance, project: string, body: string): Promise<Answered> {
  const asked = Asked.safeParse(JSON.parse(body));
  if (!asked.success) return { status: 400, json: { error: "title is missing" } };
  const { source_branch, target_branch } = asked.data;
  const [owner = "", name = ""] = project.split("/");
  if ((await git.branch(owner, name, source_branch)) === undefined) {
    return { status: 400, json: { message: { base: ["source branch does not exist"] } } };
  }
  const others = merges.all().filter((merge) => merge.project === project);
  const same = others.findIndex(
    (merge) => merge.source_branch === source_branch && merge.target_branch === target_branch,
  );
  if (same !== -1) {
    const words = `Another open merge request already exists for this source branch: !${String(same + 1)}`;
    return { status: 409, json: { message: [words] } };
  }
  const web_url = `${origin}/${project}/-/merge_requests/${String(others.length + 1)}`;
  merges.add({ project, ...asked.data, web_url });
  return { status: 201, json: { iid: others.length + 1, state: "opened", ...asked.data, web_url } };
}

/** Passes a request of git's on, and its answer back. */
function forward(to: string, incoming: IncomingMessage, response: ServerResponse): void {
  const { method, headers, url = "/" } = incoming;
  const passed = request(new URL(url, to), { method, headers }, (answered) => {
    response.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.pipe(response);
  });
  passed.on("error", () => response.destroy());
  incoming.pipe(passed);
}
