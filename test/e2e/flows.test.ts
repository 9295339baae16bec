// Every flow but ordinary coding, dispatched at the Worker and carried out by the real harness and the real Pi.
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "vitest";
import { runInTurn, type Script } from "../../local/model/script.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

test("an explore job's JSON is its result, and nothing of its edits is left", async ({ expect }) => {
  const answer = JSON.stringify({ verdict: "red", failing: ["duration"] });
  const body = world.job("exec_flows-explore", runsThen(["echo scratch > scratch.txt"], answer), {
    mode: "explore",
    output: { kind: "structured" },
    ...withoutPush,
  });
  await world.dispatch(body);
  const view = await world.ended(body.jobId);
  expect(view).toMatchObject({
    status: "done",
    result: { custom: { verdict: "red", failing: ["duration"] }, stats: { toolCalls: 1 } },
  });
  expect(view.result).not.toHaveProperty("pushed");
  expect(git("branch", "--list", "holt/exec_flows-explore")).toBe("");
});

test("what the agent leaves to people is told while it works", async ({ expect }) => {
  const line = JSON.stringify({ kind: "question", title: "Which unit?", detail: "Seconds or hours?" });
  const body = world.job(
    "exec_flows-asking",
    runInTurn(
      [
        `printf '%s\\n' '${line}' >> .cat-follow-ups.jsonl`,
        "echo a > a.txt && git add a.txt && git commit -qm a",
      ],
      "Asked.",
    ),
    { streamFollowUps: true },
  );
  await world.dispatch(body);
  const view = await world.ended(body.jobId);
  expect(view).toMatchObject({
    status: "done",
    result: { pushed: true },
    attention: { why: expect.stringContaining("question") },
  });
  const told = (await world.events(body.jobId)).filter(({ kind }) => kind === "follow-up");
  expect(told).toMatchObject([
    { followUp: { kind: "question", title: "Which unit?", detail: "Seconds or hours?" } },
  ]);
  expect(git("ls-tree", "-r", "--name-only", "holt/exec_flows-asking")).not.toContain(".cat-follow-ups");
});

test("a branch that conflicts with its base gets the merge that the agent resolved", async ({ expect }) => {
  commitTo("base-moved", "main", { "README.md": "# Theirs\n" });
  commitTo("in-conflict", "main", { "README.md": "# Ours\n" });
  const body = world.job(
    "exec_flows-conflict",
    runInTurn(["printf '# Ours and theirs\\n' > README.md"], "Kept both."),
    { branch: "in-conflict", mergeBase: "base-moved", ...withoutPush },
  );
  await world.dispatch(body);
  const view = await world.ended(body.jobId);
  expect(view).toMatchObject({ status: "done", result: { pushed: true, branch: "in-conflict" } });
  expect(git("show", "in-conflict:README.md")).toBe("# Ours and theirs\n");
  expect(git("log", "-1", "--format=%s", "in-conflict").trim()).toBe("Merge base-moved into in-conflict");
  expect(git("rev-list", "--count", "base-moved", "^in-conflict").trim()).toBe("0");
});

test("a new repository is bootstrapped from a reference", async ({ expect }) => {
  await world.standIns.git.createRepository(
    "holt",
    "born",
    mkdtempWith({ "README.md": "to be replaced\n" }),
    "main",
  );
  const target = {
    owner: "holt",
    name: "born",
    cloneUrl: world.standIns.git.repositoryUrl("holt", "born"),
    defaultBranch: "main",
  };
  const body = world.job("exec_flows-born", runInTurn(["echo new > born.txt"], "Scaffolded."), {
    bootstrap: { target },
    ...withoutPush,
  });
  await world.dispatch(body);
  const view = await world.ended(body.jobId);
  expect(view).toMatchObject({ status: "done", result: { defaultBranch: "main" } });
  const born = (...args: readonly string[]): string =>
    execFileSync("git", ["--git-dir", world.standIns.git.repositoryPath("holt", "born"), ...args], {
      encoding: "utf8",
    });
  expect(born("ls-tree", "-r", "--name-only", "main").split("\n")).toEqual(
    expect.arrayContaining(["born.txt", "package.json", "src/duration.js"]),
  );
  expect(born("log", "--format=%s", "main").trim()).toBe("Bootstrap from holt/sample");
});

test("a preview stands after its job, its container's end is announced, and a release ends both", async ({
  expect,
}) => {
  const scripts = { build: "node -e 0", start: "node serve.mjs" };
  commitTo("frontend", "main", {
    "package.json": JSON.stringify({ name: "frontend", scripts }),
    "serve.mjs":
      'import { createServer } from "node:http"; createServer((_, out) => out.end("hello")).listen(Number(process.env.PORT), "127.0.0.1");',
  });
  const servePort = 20_000 + (process.pid % 20_000);
  const body = world.job("exec_flows-preview", runInTurn([], "Nobody asks."), {
    mode: "preview",
    branch: "frontend",
    infra: {
      kind: "frontend",
      packageManager: "npm",
      install: "npm --version",
      serveMode: "command",
      serveScript: "start",
      servePort,
    },
    ...withoutPush,
  });
  await world.dispatch(body);
  const view = await world.ended(body.jobId);
  const url = `http://localhost:${servePort}`;
  expect(view).toMatchObject({ status: "done", result: { preview: { url } } });
  expect(view.deadlines.map(({ name }) => name)).toContain("preview");
  expect(await (await fetch(url)).text()).toBe("hello");
  const released = await world.fetch("/v1/executions/exec_flows", { method: "DELETE" });
  expect(released.status).toBeLessThan(300);
  await expect(fetch(url)).rejects.toThrow();
});

/** What a job that pushes no work branch of its own does not say. */
const withoutPush = { newBranch: undefined, pushBranch: undefined, pr: undefined };

/** Commands, then words that are no prose of a scripted model's. */
function runsThen(commands: readonly string[], ending: string): Script {
  const play = runInTurn(commands, ending);
  return async (conversation) => {
    const reply = await play(conversation);
    return reply.kind === "text" ? { kind: "text", text: ending } : reply;
  };
}

function git(...args: readonly string[]): string {
  return execFileSync("git", ["--git-dir", world.repository.path, ...args], { encoding: "utf8" });
}

/** A commit on a branch of its own, made at the host itself. */
function commitTo(branch: string, from: string, files: Readonly<Record<string, string>>): void {
  const workTree = mkdtempWith({});
  const inside = (...args: readonly string[]): string =>
    execFileSync(
      "git",
      ["-C", workTree, "-c", "user.name=Somebody", "-c", "user.email=somebody@holt.invalid", ...args],
      {
        encoding: "utf8",
      },
    );
  inside("clone", "-q", "--branch", from, world.repository.path, ".");
  inside("checkout", "-q", "-b", branch);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(workTree, name), content);
  inside("add", "-A");
  inside("commit", "-q", "-m", `Change ${branch}`);
  inside("push", "-q", "origin", branch);
}

function mkdtempWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(world.stateDir, "repo-"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}
