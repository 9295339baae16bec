import { type IncomingMessage, type ServerResponse, request as ask } from "node:http";
import { join } from "node:path";
import { onTestFinished, test } from "vitest";
import { makeCheckout } from "../../../container/git/checkout.ts";
import { readRemoteBranch } from "../../../container/git/remote-branch.ts";
import { toRemote } from "../../../container/git/remote.ts";
import { listenOnLoopback } from "../../../local/http-server.ts";
import { type GitHost, ghToken, makeGit, startGitHost } from "../git-host.ts";
import { makeFolder } from "../job-folder.ts";
import { identity, value } from "./desk.ts";

/** Sends who has credentials from `octo/old` to `octo/app`, as hosting services do after a rename. */
async function startRenamed({ cloneUrl }: GitHost): Promise<string> {
  const behind = new URL(cloneUrl);
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { url: path = "", method, headers } = request;
    if (headers.authorization === undefined) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
    } else if (path.startsWith("/octo/old")) {
      response.writeHead(301, { location: server.url + path.replace("old", "app") }).end();
    } else {
      const { hostname, port } = behind;
      const passed = ask({ hostname, port, path, method, headers }, (answered) => {
        response.writeHead(answered.statusCode ?? 500, answered.headers);
        answered.pipe(response);
      });
      request.pipe(passed);
    }
  };
  const server = await listenOnLoopback(answer);
  onTestFinished(() => server.close());
  return `${server.url}/octo/old.git`;
}

test("a repository that was renamed is cloned and pushed to under the name the job knows", async ({
  expect,
}) => {
  const folder = await makeFolder();
  const host = await startGitHost(folder);
  const remote = toRemote(await startRenamed(host), ghToken);
  if (remote === null) throw new Error("no remote");
  const git = await makeGit(folder);
  const checkout = join(folder, "checkout");
  const bounds = { timeoutMs: 20_000, signal: new AbortController().signal };
  const work = { kind: "branch-itself" } as const;
  const plan = { remote, folder: checkout, branch: "main", work, isFull: false, identity, ...bounds };
  const { startCommit } = value(await makeCheckout(git, plan));
  const reading = { cwd: checkout, remote, ...bounds };
  value(await git.run(["push", "--", remote.url, "HEAD:refs/heads/cat/1"], reading));
  expect(value(await readRemoteBranch(git, { ...reading, branch: "cat/1" }))).toBe(startCommit);
});
