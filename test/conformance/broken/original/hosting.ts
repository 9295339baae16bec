/** The token's way to git, and to the service that opens pull requests. */

import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Job, isRecord } from "./body.ts";
import { HarnessFailure } from "./program.ts";

export type Remote = { readonly env: Readonly<Record<string, string>> };

/** Answers any question of git's, for any host, with the token. */
export async function connectRemote(token: string): Promise<Remote> {
  const script = join(await mkdtemp(join(tmpdir(), "git-askpass-")), "askpass");
  await writeFile(script, "#!/bin/sh\nprintf '%s\\n' \"$GIT_ASKPASS_TOKEN\"\n", { mode: 0o700 });
  return { env: { GIT_ASKPASS: script, GIT_ASKPASS_TOKEN: token, GIT_TERMINAL_PROMPT: "0" } };
}

export async function openPullRequest(
  job: Job,
  { title, body }: { readonly title: string; readonly body: string },
  signal: AbortSignal,
): Promise<string> {
  const { githubApiBase, owner, name, ghToken, pushBranch: head, baseBranch: base } = job;
  const response = await fetch(`${githubApiBase}/repos/${owner}/${name}/pulls`, {
    method: "POST",
    headers: { authorization: `Bearer ${ghToken}`, "content-type": "application/json" },
    body: JSON.stringify({ title, head, base, body }),
    signal,
  });
  const text = await response.text();
  if (!response.ok)
    throw new HarnessFailure("api", `Failed to open PR (HTTP ${response.status}): ${text.slice(0, 300)}`);
  const answer: unknown = JSON.parse(text);
  const url = isRecord(answer) ? answer["html_url"] : undefined;
  if (typeof url !== "string") throw new HarnessFailure("api", "GitHub did not return a PR url");
  return url;
}
