/** What each real program is put through: a job, the model that plays along, and what must be true afterwards. */
import { chmod, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { sampleFix } from "../../local/sample/fix.ts";
import { sampleProjectDir } from "../../local/sample/sample.ts";
import { writeFiles } from "../container/git-host.ts";
import type { AgentUnderTest } from "./agents-under-test.ts";
import type { EndedJob } from "./harness-process.ts";
import { hostileFiles, plantedWords } from "./hostile-files.ts";
import { runNaively } from "./naive-run.ts";
import { countProcesses } from "./processes.ts";
import type { ModelRequest, Script } from "./scenario.ts";
import { act, say } from "./scenario.ts";
import { fixFailingTest, refuse } from "./scripts.ts";
import type { World } from "./world.ts";

export type Case = {
  readonly name: string;
  readonly script: Script;
  /** Fields of the job's body besides agent, ids and tokens; `repo` names its repository. */
  readonly prepare: (world: World, name: string) => Promise<Readonly<Record<string, unknown>>>;
  /** The job is stopped as soon as this is so. */
  readonly stopWhen?: () => Promise<boolean>;
  readonly check: (ended: Ended, require: Require) => Promise<void> | void;
};

export type Ended = {
  readonly world: World;
  readonly agent: AgentUnderTest;
  /** Of the repository. */
  readonly name: string;
  readonly job: EndedJob;
  readonly requests: readonly ModelRequest[];
};

/** Says in words what is expected, and fails the case where it is not so. */
export type Require = (isSo: boolean, what: string) => void;

const prompts = { systemPrompt: "You are a careful engineer.", userPrompt: "Do what is asked." } as const;

/** With a number that no other command of this machine has. Claude Code declines to sleep in the foreground. */
const endlessCommand = "tail -s 31415.9265 -f /dev/null";

export const cases: readonly Case[] = [
  {
    name: "explore, in prose",
    script: ({ last }) =>
      last === undefined
        ? act({ kind: "read", path: "README.md" })
        : say(last.text.includes("# duration") ? "It reads and writes durations." : "I could not read it."),
    prepare: exploreSample({}),
    check({ world, name, job }, require) {
      require(job.state === "done", "done");
      require(job.result?.summary?.endsWith("It reads and writes durations.") ===
        true, "the agent's last words");
      require(isUnpushed(world, name), "nothing pushed");
    },
  },
  {
    name: "explore, structured",
    script: ({ last }) =>
      last === undefined
        ? act({ kind: "run", command: "ls src" })
        : { kind: "say", text: JSON.stringify({ files: last.text.match(/\w+\.js/g) ?? [] }) },
    prepare: exploreSample({ output: { kind: "structured", shapeHint: '{ "files": string[] }' } }),
    check({ job }, require) {
      require(job.state === "done" && job.result?.error === undefined, "done");
      require(JSON.stringify(job.result?.custom) === '{"files":["duration.js"]}', "the object of the reply");
    },
  },
  {
    name: "coding",
    script: fixFailingTest,
    prepare: async (world, name) => ({
      mode: "coding",
      repo: await world.serve(name, sampleProjectDir),
      branch: "main",
      newBranch: "cat/1",
      pushBranch: "cat/1",
      pr: { title: sampleFix.commitMessage, body: "" },
    }),
    async check({ world, agent, name, job }, require) {
      require(job.state === "done" && job.result?.pushed === true, "done and pushed");
      require(job.result?.prUrl !== undefined, "a pull request");
      require(job.progress?.completed === 2 && job.progress.total === 2, "the plan as progress, 2 of 2");
      require(job.spans.some(({ ok }) => !ok), "the red test as a failed call");
      // of a proxy's tokens the proxy keeps the count
      if (agent.kind !== "pi") require((job.result?.usage?.outputTokens ?? 0) > 0, "tokens");
      const changed = await world.gitIn(name, "diff", "--name-only", "main", "cat/1");
      require(changed === sampleFix.file, "the fix on the branch and nothing else");
    },
  },
  {
    name: "conflict resolution",
    script: ({ done, last }) => {
      if (last === undefined) return act({ kind: "read", path: "greeting.txt" });
      if (done.length > 1) return say("Both greetings are kept.");
      return last.text.includes("<<<<<<<")
        ? act({ kind: "run", command: "printf 'good morning\\ngood evening\\n' > greeting.txt" })
        : say("There is no conflict.");
    },
    async prepare(world, name) {
      const source = sourceOf(world, name);
      await writeFiles(source, { "greeting.txt": "hello\n" });
      const repo = await world.serve(name, source);
      await world.commit(name, {
        branch: "feature",
        from: "main",
        files: { "greeting.txt": "good evening\n" },
      });
      await world.commit(name, { branch: "main", from: "main", files: { "greeting.txt": "good morning\n" } });
      return { mode: "coding", repo, branch: "feature", mergeBase: "main" };
    },
    async check({ world, name, job }, require) {
      require(job.state === "done" && job.result?.pushed === true, "done and pushed");
      const text = await world.gitIn(name, "show", "feature:greeting.txt");
      require(text === "good morning\ngood evening", "both sides, no markers");
      const parents = await world.gitIn(name, "rev-list", "--parents", "-n", "1", "feature");
      require(parents.split(" ").length === 3, "a merge commit");
    },
  },
  {
    name: "a model that refuses",
    script: refuse(400, "invalid_request_error", "budget exhausted"),
    prepare: async (world, name) => ({
      mode: "coding",
      repo: await world.serve(name, sampleProjectDir),
      branch: "main",
      newBranch: "cat/1",
    }),
    check({ world, name, job }, require) {
      require(job.state === "failed" && job.failureCause === "agent", "failed, cause agent");
      require(job.error?.includes("budget exhausted") === true, "the model's words");
      require(isUnpushed(world, name), "nothing pushed");
    },
  },
  {
    name: "a task that looks like a command",
    script: ({ prompt }) => say(prompt.includes("/clear the table") ? "Asked." : "Not asked."),
    prepare: exploreSample({ userPrompt: "/clear the table of contents" }),
    check({ job }, require) {
      require(job.result?.summary?.endsWith("Asked.") === true, "the model is asked");
    },
  },
  {
    name: "a stop in the middle of a command",
    script: ({ last }) =>
      last === undefined ? act({ kind: "run", command: endlessCommand }) : say("It ended."),
    prepare: exploreSample({}),
    stopWhen: () => countProcesses(endlessCommand).then((count) => count > 0),
    async check({ job }, require) {
      require(job.state === "failed" &&
        job.error?.startsWith("Aborted: cancelled (in agent phase") ===
          true, "failed, cancelled in the agent phase");
      require((await countProcesses(endlessCommand)) === 0, "no process of the command left");
    },
  },
  {
    name: "a repository with settings of its own",
    script: ({ last }) => (last === undefined ? act({ kind: "run", command: "ls" }) : say("Looked.")),
    async prepare(world, name) {
      const [source, loot] = [sourceOf(world, name), lootOf(world, name)];
      await mkdir(loot);
      await chmod(loot, 0o777);
      await writeFiles(source, hostileFiles(loot));
      return { mode: "explore", repo: await world.serve(name, source), branch: "main" };
    },
    async check({ world, agent, name, job, requests }, require) {
      require(job.state === "done" && job.result?.summary?.endsWith("Looked.") === true, "done");
      const sprung = await readdir(lootOf(world, name));
      require(sprung.length === 0, `no trap sprung${sprung.length === 0 ? "" : ` (${sprung.join(", ")})`}`);
      require(!requests.some(({ body }) => body.includes(plantedWords)), "no planted word reaches the model");
      const [source, home, loot] = [
        sourceOf(world, name),
        join(world.folder, `home-${name}`),
        lootOf(world, name),
      ];
      const live = await runNaively({ agent, source, home, loot, uid: world.agentUser });
      require(live.length > 0, `started by hand it springs ${live.length} of them`);
    },
  },
];

function exploreSample(more: Readonly<Record<string, unknown>>): Case["prepare"] {
  return async (world, name) => ({
    mode: "explore",
    repo: await world.serve(name, sampleProjectDir),
    branch: "main",
    ...more,
  });
}

function sourceOf(world: World, name: string): string {
  return join(world.folder, `source-${name}`);
}

/** Where the agent may write, so that a trap that is sprung can show it. */
function lootOf(world: World, name: string): string {
  return join(world.folder, `loot-${name}`);
}

function isUnpushed({ git }: World, name: string): boolean {
  return !git.pushes().some((push) => push.name === name);
}

export const usualFields = prompts;
