/** A git host on loopback: bare repositories behind the real `git http-backend`, with tokens, a record and faults to order. */
import { mkdtemp, mkdir, realpath, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRecording, listenOnLoopback } from "../http-server.ts";
import type { Credentials } from "./credentials.ts";
import { parseBasic } from "./credentials.ts";
import type { Faults, Refusal } from "./faults.ts";
import { createFaults } from "./faults.ts";
import type { RefUpdate } from "./hooks.ts";
import { declineVariable, readUpdates, updatesVariable } from "./hooks.ts";
import { runHttpBackend } from "./http-backend.ts";
import { countCommits, createBareRepository, pathOf, readBranch, repositoryExists } from "./repositories.ts";
import type { GitRoute, GitService } from "./route.ts";
import { parseRoute } from "./route.ts";

export interface GitServerOptions {
  /** The folder that holds the repositories; made when it is missing, never removed. */
  readonly root: string;
  /** The password that goes with the user `x-access-token`. */
  readonly token: string;
  /** Whether the token is enough, whoever it is said to belong to, as for GitHub. Default: no. */
  readonly takesAnyUser?: boolean;
  readonly log: (line: string) => void;
  /** Default: a free one. */
  readonly port?: number;
}

export interface GitRequest {
  readonly owner: string;
  readonly name: string;
  readonly service: GitService;
  readonly isTransfer: boolean;
  /** Undefined where the client sent none: git asks without, and again with them after the 401. */
  readonly credentials: Credentials | undefined;
}

/** A push that changed at least one ref. */
export interface Push {
  readonly owner: string;
  readonly name: string;
  readonly updates: readonly RefUpdate[];
  readonly credentials: Credentials;
}

export interface GitServer extends Faults {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  repositoryUrl(owner: string, name: string): string;
  /** The bare repository's folder, for reading it with git. */
  repositoryPath(owner: string, name: string): string;
  hasRepository(owner: string, name: string): boolean;
  /** Makes a repository of the files of a folder; rejects when there is one of that name. */
  createRepository(owner: string, name: string, fromDir: string, branch: string): Promise<void>;
  /** The commit at the head of a branch, or undefined. */
  branch(owner: string, name: string, branch: string): Promise<string | undefined>;
  /** How many commits the branch `head` has that the branch `base` has not; both must exist. */
  commitsBetween(owner: string, name: string, branches: { base: string; head: string }): Promise<number>;
  /** Every request, recorded before it is answered. */
  requests(): readonly GitRequest[];
  /** Every push that changed something, recorded before the client learns that it went through. */
  pushes(): readonly Push[];
  waitForPush(predicate: (push: Push) => boolean): Promise<Push>;
  /** Ends every connection and waits for the git processes behind them. */
  close(): Promise<void>;
}

const user = "x-access-token";

export async function startGitServer(options: GitServerOptions): Promise<GitServer> {
  await mkdir(options.root, { recursive: true });
  // git resolves what it is given; a linked temp folder would look like another repository.
  const root = await realpath(options.root);
  const scratch = await mkdtemp(join(tmpdir(), "holt-git-server-"));
  const requests = createRecording<GitRequest>();
  const pushes = createRecording<Push>();
  const faults = createFaults();
  let served = 0;
  const answering = new Set<Promise<void>>();
  const server = await listenOnLoopback((request, response) => {
    const answered = answer(request, response)
      .catch((error: unknown) => {
        options.log(`git server: ${String(error)}`);
        response.destroy();
      })
      .finally(() => answering.delete(answered));
    answering.add(answered);
  }, options.port);

  return {
    url: server.url,
    repositoryUrl: (owner, name) => `${server.url}/${owner}/${name}.git`,
    repositoryPath: (owner, name) => pathOf(root, owner, name),
    hasRepository: (owner, name) => repositoryExists(root, owner, name),
    async createRepository(owner, name, fromDir, branch) {
      if (repositoryExists(root, owner, name)) {
        throw new Error(`there is a repository ${owner}/${name} already`);
      }
      await createBareRepository(pathOf(root, owner, name), fromDir, branch);
    },
    branch: (owner, name, branch) => readBranch(pathOf(root, owner, name), branch),
    commitsBetween: (owner, name, { base, head }) => countCommits(pathOf(root, owner, name), base, head),
    requests: requests.all,
    pushes: pushes.all,
    waitForPush: pushes.waitFor,
    refuse: faults.refuse,
    hold: faults.hold,
    async close() {
      await server.close();
      faults.releaseAll();
      await Promise.all(answering);
      await rm(scratch, { recursive: true, force: true });
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = parseRoute(request.url ?? "/");
    const credentials = parseBasic(request.headers.authorization);
    if (route === undefined || !repositoryExists(root, route.owner, route.name)) {
      sendText(response, 404, "no such repository");
      return;
    }
    const { owner, name, service, isTransfer } = route;
    requests.add({ owner, name, service, isTransfer, credentials });
    const refusal = faults.refusalOf(route);
    if (refusal !== undefined && refusal.kind !== "declined") {
      refuse(response, refusal);
    } else if (credentials === undefined || !isAdmitted(credentials)) {
      refuse(response, { kind: "unauthorized" });
    } else {
      await faults.passHolds(route);
      // Asked again after a hold: a refusal ordered meanwhile holds for what was held.
      const late = faults.refusalOf(route);
      if (late !== undefined && late.kind !== "declined") {
        refuse(response, late);
        return;
      }
      // The socket knows at once that its client is gone; the response learns of it some turns later.
      if (!request.socket.destroyed) await serve(route, credentials, request, response);
    }
  }

  function isAdmitted({ user: given, password }: Credentials): boolean {
    return (given === user || options.takesAnyUser === true) && password === options.token;
  }

  async function serve(
    route: GitRoute,
    credentials: Credentials,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { owner, name, service, isTransfer } = route;
    const refusal = faults.refusalOf(route);
    served += 1;
    const updatesFile = join(scratch, String(served));
    const environment = {
      [updatesVariable]: updatesFile,
      [declineVariable]: refusal?.kind === "declined" ? refusal.reason : "",
    };
    await runHttpBackend(
      { root, route, user: credentials.user, environment },
      request,
      response,
      options.log,
    );
    const updates = service === "push" && isTransfer ? await readUpdates(updatesFile) : [];
    if (updates.length > 0) pushes.add({ owner, name, updates, credentials });
    for (const { ref, after } of updates) {
      options.log(`git server: ${owner}/${name} ${ref} is ${after.slice(0, 12)}`);
    }
    response.end();
  }
}

function refuse(response: ServerResponse, refusal: Exclude<Refusal, { kind: "declined" }>): void {
  switch (refusal.kind) {
    case "unauthorized":
      response.setHeader("www-authenticate", 'Basic realm="holt"');
      sendText(response, 401, "credentials required");
      break;
    case "forbidden":
      sendText(response, 403, "forbidden");
      break;
    case "server-error":
      sendText(response, 500, "the server is out of order");
      break;
    case "hang-up":
      response.destroy();
      break;
  }
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain", connection: "close" });
  response.end(`${text}\n`);
}
