import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readDockerfile, type ImagePlan } from "./dockerfile.ts";

/** An image as the engine knows it: the Dockerfile's plan and the folder that stands for its files. */
export type Image = ImagePlan & { readonly tag: string; readonly context: string };

/**
 * Writes the stand-in for the `docker` command that wrangler builds with. It answers success to everything and
 * keeps what a build was told; a shell script, because wrangler runs it five times at every start.
 * stdin is drained on `build`: wrangler writes the Dockerfile there and dies of EPIPE otherwise.
 */
export async function writeDockerCommand(path: string, recordsDir: string): Promise<void> {
  const script = `#!/bin/sh
case "$1" in
  build)
    record=$(mktemp -d '${recordsDir}/build.XXXXXX') || exit 1
    cat > "$record/Dockerfile"
    pwd > "$record/cwd"
    printf '%s\\n' "$@" > "$record/arguments.part" && mv "$record/arguments.part" "$record/arguments"
    ;;
  login) cat > /dev/null ;;
  --host) echo '[]' ;;
esac
exit 0
`;
  await writeFile(path, script, { mode: 0o755 });
}

/** The image of that tag among the recorded builds, or undefined when nothing was built under it. */
export async function findImage(recordsDir: string, tag: string): Promise<Image | undefined> {
  for (const name of await readdir(recordsDir)) {
    const record = join(recordsDir, name);
    // A build that is under way has no arguments yet.
    const args = (await readFile(join(record, "arguments"), "utf8").catch(() => "")).split("\n").slice(0, -1);
    if (args[args.indexOf("-t") + 1] !== tag) continue;
    const cwd = (await readFile(join(record, "cwd"), "utf8")).trimEnd();
    const plan = readDockerfile(await readFile(join(record, "Dockerfile"), "utf8"));
    return { ...plan, tag, context: resolve(cwd, args.at(-1) ?? ".") };
  }
  return undefined;
}
