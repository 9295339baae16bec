import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readDockerfile, type ImagePlan } from "./dockerfile.ts";

/** An image as the engine knows it: the Dockerfile's plan and the folder that stands for its files. */
export type Image = ImagePlan & { readonly tag: string; readonly context: string };

/**
 * Writes the stand-in for the `docker` command that wrangler runs, and answers success to what it does not know.
 *
 * A shell script that works on files only: wrangler runs it five times at every start, and some calls block the
 * very process that the engine lives in, so it can ask nobody.
 *
 * - `build` drains stdin (wrangler writes the Dockerfile there, and dies of EPIPE otherwise) and keeps what it was told.
 * - `ps --filter ancestor=TAG` and `rm --force ID` are wrangler's clean-up at its end.
 */
export async function writeDockerCommand(path: string, dir: string): Promise<void> {
  await Promise.all([mkdir(builds(dir)), mkdir(groups(dir))]);
  await writeFile(path, script(quote(builds(dir)), quote(groups(dir))), { mode: 0o755 });
}

/** The newest image of that tag among the recorded builds, or undefined when nothing was built under it. */
export async function findImage(dir: string, tag: string): Promise<Image | undefined> {
  const records = (await readdir(builds(dir))).map((name) => join(builds(dir), name));
  const found = (await Promise.all(records.map(readBuild))).filter((build) => build?.tag === tag);
  const newest = found.toSorted((a, b) => (a?.builtAt ?? 0) - (b?.builtAt ?? 0)).at(-1);
  if (newest === undefined) return undefined;
  const plan = readDockerfile(await readFile(join(newest.record, "Dockerfile"), "utf8"));
  return { ...plan, tag, context: newest.context };
}

type Build = {
  readonly record: string;
  readonly tag: string | undefined;
  readonly context: string;
  readonly builtAt: number;
};

/** Undefined while the build is under way: its arguments are written last. */
async function readBuild(record: string): Promise<Build | undefined> {
  const path = join(record, "arguments");
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const args = text.split("\n").slice(0, -1);
  const cwd = (await readFile(join(record, "cwd"), "utf8")).trimEnd();
  const { mtimeMs } = await stat(path);
  const tag = args[args.indexOf("-t") + 1];
  return { record, tag, context: resolve(cwd, args.at(-1) ?? "."), builtAt: mtimeMs };
}

/** Makes a running container known to the command and to the reaper. */
export async function recordGroup(
  dir: string,
  id: string,
  group: { tag: string; pid: number },
): Promise<void> {
  const record = join(groups(dir), id);
  await mkdir(record);
  await writeFile(join(record, "image"), `${group.tag}\n`);
  await writeFile(join(record, "pid"), `${group.pid}\n`);
}

/** Forgets it once its processes are gone; says whether `docker rm` had asked for its removal. */
export async function forgetGroup(dir: string, id: string): Promise<{ readonly removalAsked: boolean }> {
  const record = join(groups(dir), id);
  const names = await readdir(record).catch((): string[] => []);
  await rm(record, { recursive: true, force: true });
  return { removalAsked: names.includes("removal-asked") };
}

function builds(dir: string): string {
  return join(dir, "builds");
}

/** One folder per running container: `image` and `pid`, which is also its process group. */
export function groups(dir: string): string {
  return join(dir, "groups");
}

/** As one word of a shell script. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function script(buildsDir: string, groupsDir: string): string {
  return `#!/bin/sh
case "$1" in
  build)
    record=$(mktemp -d ${buildsDir}/build.XXXXXX) || exit 1
    cat > "$record/Dockerfile"
    pwd > "$record/cwd"
    printf '%s\\n' "$@" > "$record/arguments.part" && mv "$record/arguments.part" "$record/arguments"
    ;;
  ps)
    cd ${groupsDir} || exit 1
    for word in "$@"; do
      case "$word" in ancestor=*) grep -lxF "\${word#ancestor=}" */image 2>/dev/null | cut -d / -f 1 ;; esac
    done
    ;;
  rm)
    cd ${groupsDir} || exit 1
    for id in "$@"; do
      pid=$(cat "$id/pid" 2>/dev/null) || continue
      : > "$id/removal-asked"
      kill -s KILL -- "-$pid" 2>/dev/null
    done
    ;;
  login) cat > /dev/null ;;
  --host) echo '[]' ;;
esac
exit 0
`;
}
