/**
 * The folder that the harness under test has first on its PATH: programs named like the agents, which do what the job's
 * model names. A job of the kit has a model of its own, so jobs that run at once never meet.
 */

import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export type AgentFolder = {
  /** Makes the place of one job; `behaviour` is a shell script that its agent becomes. */
  readonly prepare: (model: string, behaviour: string) => Promise<JobPlace>;
  /** Ends what agents left running, and removes everything the kit wrote. */
  readonly close: () => Promise<void>;
};

/** What the agent of one job leaves for the kit to see, and what the kit tells it. */
export type JobPlace = {
  readonly path: string;
  /** The text of a file there; undefined while there is none. */
  readonly read: (name: string) => Promise<string | undefined>;
  /** The same, waiting until it is there. */
  readonly wait: (name: string) => Promise<string>;
  /** Lets an agent go on that waits for the file of this name. */
  readonly signal: (name: string) => Promise<void>;
};

const programs = ["pi", "claude", "codex"] as const;

/** Finds its own folder by its own path: harness and kit may see the folder under different ones. */
const program = `#!/bin/sh
# An agent of Holt's conformance kit: does what the place of this job's model says.
folder=$(dirname "$0")
model= before=
for argument in "$@"; do
  if [ "$before" = --model ]; then model=\${argument##*/}; fi
  before=$argument
done
KIT="$folder/kit/$model"
export KIT
echo started >> "$KIT/starts"
pwd > "$KIT/cwd"
env > "$KIT/env"
printf '%s\\n' "$@" > "$KIT/arguments"
cat > "$KIT/prompt"
. "$KIT/behaviour"
`;

const lookMs = 40;
/** Longer than any limit a harness under test is started with. */
const waitMs = 30_000;

export async function openAgentFolder(folder: string): Promise<AgentFolder> {
  const root = join(folder, "kit");
  await mkdir(folder, { recursive: true });
  for (const name of programs) {
    // what runs is replaced whole: two kits may share a folder
    await writeFile(join(folder, name), program, { mode: 0o755 });
  }
  await mkdir(root, { recursive: true });
  const places: string[] = [];
  return {
    prepare: async (model, behaviour) => {
      const path = join(root, model);
      await mkdir(path);
      // agents may be another user than the kit
      await chmod(path, 0o777);
      await writeFile(join(path, "behaviour"), behaviour);
      places.push(path);
      return placeAt(path);
    },
    close: async () => {
      await Promise.all(places.map((path) => writeFile(join(path, "over"), "")));
      // those who look for it do so ten times a second
      await sleep(300);
      await Promise.all(places.map((path) => rm(path, { recursive: true, force: true })));
    },
  };
}

function placeAt(path: string): JobPlace {
  const read = async (name: string): Promise<string | undefined> => {
    const file = join(path, name);
    return existsSync(file) ? await readFile(file, "utf8") : undefined;
  };
  return {
    path,
    read,
    wait: async (name) => {
      for (const until = performance.now() + waitMs; performance.now() < until; await sleep(lookMs)) {
        const text = await read(name);
        if (text !== undefined) return text;
      }
      throw new Error(`the agent did not come so far as to write '${name}'`);
    },
    signal: (name) => writeFile(join(path, name), ""),
  };
}
