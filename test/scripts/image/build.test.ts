import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { onTestFinished, test } from "vitest";

const root = join(import.meta.dirname, "../../..");

test("without a daemon image:build says so, points at image:check, builds nothing and exits with 2", async ({
  expect,
}) => {
  const site = await openSite('echo "Cannot connect to the Docker daemon" >&2; exit 1');
  const { stderr, exitCode } = await site.build();
  expect([exitCode, stderr]).toStrictEqual([
    2,
    "image:build needs a Docker daemon, and none answers: Cannot connect to the Docker daemon\n" +
      "What can be said of the images without one: npm run image:check",
  ]);
  expect(await site.calls()).toStrictEqual(["docker version --format {{.Server.Version}}"]);
});

test("a build that fails ends it with that code, and nothing is started", async ({ expect }) => {
  const site = await openSite('[ "$1" != build ] || exit 5');
  expect((await site.build()).exitCode).toBe(5);
  expect((await site.calls()).filter((call) => !call.startsWith("docker version"))).toStrictEqual([
    "docker build --tag holt-harness --file container/Dockerfile .",
  ]);
});

/** Stands for a container by a process of the harness with what `run` was told, and for its id by that of the process. */
const docker = `
case "$1" in
  image) echo "LANG=C"; echo "PATH=/usr/bin" ;;
  run)
    shift
    while [ "$#" -gt 1 ]; do
      case "$1" in
        --env) case "$2" in PATH=*) echo "path $2" >>"$CALLS" ;; *) export "$2" ;; esac ;;
      esac
      shift
    done
    cd ${root} && node container/main.ts >/dev/null 2>&1 &
    echo $! ;;
  rm) kill "$3" && echo "removed" >>"$CALLS" ;;
esac`;

const npm = `
shift 4
curl --silent --fail "$2/health" >>"$CALLS"; echo >>"$CALLS"
curl --silent --output /dev/null --write-out '%{http_code}\\n' --header "x-harness-secret: $6" "$2/jobs/x" >>"$CALLS"
curl --silent --output /dev/null --write-out '%{http_code}\\n' "$2/jobs/x" >>"$CALLS"
test -d "$4" && echo "$4" >"$FOLDER/agents"
exit 3`;

test("both images are built, and the kit is held against a running harness that ends with it", async ({
  expect,
}) => {
  const site = await openSite(docker, npm);
  const { exitCode, stderr } = await site.build("--build-arg", "NODE_IMAGE=own");
  expect([stderr, exitCode]).toStrictEqual(["", 3]);
  const calls = await site.calls();
  expect(calls.slice(1, 4)).toStrictEqual([
    "docker build --tag holt-harness --file container/Dockerfile --build-arg NODE_IMAGE=own .",
    "docker build --tag holt-ui --file container/Dockerfile.ui --build-arg HARNESS_IMAGE=holt-harness --build-arg NODE_IMAGE=own .",
    "docker image inspect --format {{range .Config.Env}}{{println .}}{{end}} holt-harness",
  ]);
  expect(calls[4]).toMatch(/^docker run --detach --network host .* holt-harness$/u);
  expect(calls[5]).toBe("path PATH=/agents:/usr/bin");
  expect(calls[6]).toMatch(/^npm run --silent conformance -- --url http:\S+ --agent-dir \S+ --secret \S+$/u);
  expect(calls[7]).toContain('"status":"ok"');
  expect(calls.slice(8, 10)).toStrictEqual(["404", "401"]);
  expect(calls.slice(10)).toStrictEqual([expect.stringMatching(/^docker rm --force \d+$/u), "removed"]);
  const agents = (await readFile(join(site.folder, "agents"), "utf8")).trim();
  await expect(access(agents)).rejects.toThrow("ENOENT");
});

/** A PATH with programs of these bodies before all others. Each call is written down. */
async function openSite(dockerBody: string, npmBody = "exit 99") {
  const folder = await mkdtemp(join(tmpdir(), "holt-build-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const calls = join(folder, "calls");
  for (const [name, body] of Object.entries({ docker: dockerBody, npm: npmBody })) {
    const script = `#!/bin/sh\necho "${name} $*" >>"$CALLS"\n${body}\n`;
    await writeFile(join(folder, name), script, { mode: 0o755 });
  }
  return {
    folder,
    build: (...args: readonly string[]) =>
      execa("node", [join(root, "scripts/image/build.ts"), ...args], {
        env: { PATH: `${folder}:${process.env["PATH"]}`, CALLS: calls, FOLDER: folder },
        reject: false,
      }),
    calls: async () => (await readFile(calls, "utf8")).trimEnd().split("\n"),
  };
}
