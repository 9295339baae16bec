import { copyFile, chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { always, say } from "../../../local/model/script.ts";
import { projectRoot } from "../../../local/stand-ins.ts";
import { type JobBody, openWorld, type World } from "../world.ts";
import { type Ears, makeEars } from "./ears.ts";
import { addTellingBuild } from "./frontend.ts";
import { type LoneHarness, startLoneHarness } from "./lone-harness.ts";
import { asBytes, type Exit, filesBelow } from "./traces.ts";
import { planted } from "./values.ts";

/** Holt as a whole, and a harness alone before the same servers; everything they store lies below one folder. */
export type Crowd = {
  readonly world: World;
  readonly lone: LoneHarness;
  readonly ears: Ears;
  readonly plainJob: (name: string) => JobBody;
  /** What was stored, logged and served so far and holds texts of jobs, by kind. */
  readonly exits: () => Promise<Readonly<Record<string, readonly Exit[]>>>;
  /** What else there is: the Worker's own log, in which an ordinary job leaves no line, and every other file. */
  readonly elsewhere: () => Promise<readonly Exit[]>;
  readonly close: () => Promise<void>;
};

/** What is the git host's own: it is given branches, commits and pull requests as they are. */
const ofTheHost = /\/(?:repositories|repo-\w+|holt-git-server-\w+)\//;

export async function gatherCrowd(): Promise<Crowd> {
  const folder = await mkdtemp(join(tmpdir(), "holt-s-"));
  const before = process.env["TMPDIR"];
  // workerd, wrangler, the engine and the harnesses keep what they keep below this
  process.env["TMPDIR"] = folder;
  const answers: Exit[] = [];
  const path = await pathWithAgents(folder);
  const world = await openWorld({
    tokens: planted,
    containerEnv: { PATH: path },
    onAnswer: (what, text) => answers.push({ what, text: asBytes(text) }),
  });
  // before the first request: while it blocks this process, idle connections go stale unseen
  addTellingBuild(world);
  const ofLone = join(folder, "lone");
  await mkdir(ofLone);
  const lone = await startLoneHarness({
    folder: ofLone,
    env: { PATH: path, GITHUB_ALLOWED_HOSTS: "127.0.0.1" },
    beatKey: planted.beatKey,
  });
  const files = (): Promise<readonly Exit[]> => filesBelow(folder, ofTheHost);
  return {
    world,
    lone,
    ears: makeEars(),
    plainJob: (name) => world.job(name, always(say("Nobody asks."))),
    exits: async () => {
      // the stand-ins tell their own log what they were made to say
      const printed = world.lines.filter((line) => !/^(?:scripted model|github|git server):/.test(line));
      return {
        "the Worker's answers": answers,
        "SQLite files": (await files()).filter(isDatabase),
        // the engine passes on what its containers print
        "what engine and harness print": [{ what: "printed", text: asBytes(printed.join("\n")) }],
        "beats on the wire": lone.beats(),
        "the harness's answers": lone.answers(),
        "the harness's output": lone.output(),
      };
    },
    elsewhere: async () => [
      { what: "the Worker's log", text: asBytes(world.workerLog().join("\n")) },
      ...(await files()).filter((file) => !isDatabase(file)),
    ],
    close: async () => {
      await lone.close();
      await world.close();
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The database and its log of what is not in it yet. */
function isDatabase({ what }: Exit): boolean {
  return what.includes(".sqlite");
}

/** Codex and Claude Code are a program of the test's; Pi is the real one. */
async function pathWithAgents(folder: string): Promise<string> {
  const bin = join(folder, "bin");
  await mkdir(bin);
  const program = fileURLToPath(new URL("../fixtures/telling-agent.mjs", import.meta.url));
  for (const name of ["codex", "claude"]) {
    await copyFile(program, join(bin, name));
    await chmod(join(bin, name), 0o755);
  }
  return [bin, join(projectRoot, "node_modules/.bin"), process.env["PATH"] ?? "/usr/bin:/bin"].join(
    delimiter,
  );
}
