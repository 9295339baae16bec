/** A stand-in for the part of GitHub's REST API that opens and finds pull requests, about the repositories of a git server. */
import type { Context } from "hono";
import { Hono } from "hono";
import { getRequestListener } from "@hono/node-server";
import type { Recording } from "../http-server.ts";
import { createRecording, listenOnLoopback } from "../http-server.ts";
import type { Branches, PullRequest } from "./pull-requests.ts";
import { findPullRequests, NewPullRequest, openPullRequest, toAnswer, toPage } from "./pull-requests.ts";

export interface GitHubOptions {
  /** The bearer that callers must bring. */
  readonly token: string;
  readonly git: Branches;
  readonly log: (line: string) => void;
  /** Default: a free one. */
  readonly port?: number;
}

export interface GitHubRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly status: number;
}

export interface Failure {
  readonly status: number;
  /** Default: once. */
  readonly times?: number;
  readonly retryAfterSeconds?: number;
  readonly message?: string;
}

export interface GitHub {
  /** The base of the API, without a trailing slash. */
  readonly url: string;
  readonly pulls: () => readonly PullRequest[];
  readonly waitForPull: (predicate: (pull: PullRequest) => boolean) => Promise<PullRequest>;
  /** Every request to the API with how it was answered. */
  readonly requests: () => readonly GitHubRequest[];
  readonly waitForRequest: (predicate: (request: GitHubRequest) => boolean) => Promise<GitHubRequest>;
  /** The next requests fail, whatever they ask for; several orders are carried out one after the other. */
  readonly failNext: (failure: Failure) => void;
  readonly close: () => Promise<void>;
}

interface State {
  readonly requests: Recording<GitHubRequest>;
  readonly pulls: Recording<PullRequest>;
  /** In the order in which they will happen. */
  readonly failures: Failure[];
}

export async function startGitHub(options: GitHubOptions): Promise<GitHub> {
  const state: State = { requests: createRecording(), pulls: createRecording(), failures: [] };
  const app = new Hono();
  addGates(app, options, state);
  addPullRequests(app, options, state);
  app.notFound((context) => refuse(context, 404, "Not Found"));
  const server = await listenOnLoopback(getRequestListener(app.fetch), options.port);
  return {
    url: server.url,
    pulls: state.pulls.all,
    waitForPull: state.pulls.waitFor,
    requests: state.requests.all,
    waitForRequest: state.requests.waitFor,
    failNext(failure) {
      for (let left = failure.times ?? 1; left > 0; left -= 1) state.failures.push(failure);
    },
    close: server.close,
  };
}

/** Before any route: the record, the ordered failures, the bearer. */
function addGates(app: Hono, { token, git }: GitHubOptions, { requests, failures }: State): void {
  app.use("/repos/*", async (context, next) => {
    await next();
    const { pathname, search } = new URL(context.req.url);
    requests.add({
      method: context.req.method,
      path: pathname + search,
      authorization: context.req.header("authorization"),
      status: context.res.status,
    });
  });
  app.use("/repos/:owner/:name/*", async (context, next) => {
    const failure = failures.shift();
    if (failure !== undefined) {
      const { status, retryAfterSeconds, message = "ordered to fail" } = failure;
      if (retryAfterSeconds !== undefined) context.header("retry-after", String(retryAfterSeconds));
      return refuse(context, status, message);
    }
    const authorization = context.req.header("authorization");
    if (authorization !== `Bearer ${token}`) return refuse(context, 401, "Bad credentials");
    const { owner, name } = context.req.param();
    if (!git.hasRepository(owner, name)) return refuse(context, 404, "Not Found");
    return next();
  });
}

function addPullRequests(app: Hono, { git, log }: GitHubOptions, { pulls }: State): void {
  app.post("/repos/:owner/:name/pulls", async (context) => {
    const json: unknown = await context.req.json().catch(() => undefined);
    const asked = NewPullRequest.safeParse(json);
    if (!asked.success) return refuse(context, 422, "Invalid request.");
    const url = new URL(context.req.url).origin;
    const pull = await openPullRequest({ git, pulls, url }, context.req.param(), asked.data);
    if ("error" in pull) {
      const errors = [{ resource: "PullRequest", ...pull.error }];
      return context.json({ message: "Validation Failed", errors, status: "422" }, 422);
    }
    log(`github: ${pull.htmlUrl} "${pull.title}" (${pull.head} → ${pull.base})`);
    return context.json(toAnswer(pull), 201);
  });

  app.get("/repos/:owner/:name/pulls", (context) =>
    context.json(findPullRequests(pulls.all(), context.req.param(), context.req.query()).map(toAnswer)),
  );

  app.get("/:owner/:name/pull/:number", (context) => {
    const pull = pulls.all().find(({ htmlUrl }) => new URL(htmlUrl).pathname === context.req.path);
    return pull === undefined ? context.text("no such pull request\n", 404) : context.text(toPage(pull));
  });
}

function refuse(context: Context, status: number, message: string): Response {
  return Response.json({ message, status: String(status) }, { status, headers: context.res.headers });
}
