/**
 * Builds both images and holds the harness's against the conformance kit: `npm run image:build`, where a Docker daemon
 * answers. What follows `--` goes to both builds: `npm run image:build -- --build-arg NODE_IMAGE=…`.
 *
 * Exits with 2 where there is no daemon, else with the code of the first step that failed.
 */
import { randomUUID } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { runQuietly, runShown } from "../steps.ts";

const NO_DAEMON = 2;
const startMs = 60_000;
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const names = { harness: "holt-harness", ui: "holt-ui" } as const;
const given = process.argv.slice(2);

process.chdir(root);
process.exitCode = await build();

async function build(): Promise<number> {
  const daemon = await docker("version", "--format", "{{.Server.Version}}");
  if (daemon.code !== 0) {
    console.error(`image:build needs a Docker daemon, and none answers: ${daemon.output.trim()}`);
    console.error("What can be said of the images without one: npm run image:check");
    return NO_DAEMON;
  }
  const onTop = ["--build-arg", `HARNESS_IMAGE=${names.harness}`];
  const steps = [
    () => runShown("node", ["scripts/image/check.ts"]),
    () => buildOne(names.harness, "container/Dockerfile", []),
    () => buildOne(names.ui, "container/Dockerfile.ui", onTop),
    certify,
  ];
  for (const step of steps) {
    const code = await step();
    if (code !== 0) return code;
  }
  return 0;
}

function buildOne(tag: string, file: string, args: readonly string[]): Promise<number> {
  return runShown("docker", ["build", "--tag", tag, "--file", file, ...args, ...given, "."]);
}

/**
 * The kit's servers are on this machine's loopback, the only place plain http may lead to. So the container has this
 * machine's network, which Docker offers on Linux, and a port that was free a moment ago.
 */
async function certify(): Promise<number> {
  const agents = await mkdtemp(join(tmpdir(), "holt-conformance-"));
  // the agents' account of the image passes through to what the kit puts there
  await chmod(agents, 0o755);
  const port = await freePort();
  const secret = randomUUID();
  const url = `http://127.0.0.1:${port}`;
  let container: string | null = null;
  try {
    const path = await pathOf(names.harness);
    const settings = {
      PORT: port,
      HARNESS_HOST: "127.0.0.1",
      HARNESS_SHARED_SECRET: secret,
      PATH: `/agents:${path}`,
    };
    const limits = await runQuietly("node", ["test/conformance/main.ts", "--environment"]);
    const given = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    const env = [...given, ...limits.output.trim().split("\n")].flatMap((each) => ["--env", each]);
    // what an agent finds is written beside it
    const mount = ["--volume", `${agents}:/agents`];
    const started = await docker("run", "--detach", "--network", "host", ...env, ...mount, names.harness);
    if (started.code !== 0) return fail(`the container does not start: ${started.output.trim()}`);
    container = started.output.trim();
    if (!(await isUp(url)))
      return fail(`the harness does not answer: ${(await docker("logs", container)).output}`);
    const kit = ["--url", url, "--agent-dir", agents, "--secret", secret];
    return await runShown("npm", ["run", "--silent", "conformance", "--", ...kit]);
  } finally {
    if (container !== null) await docker("rm", "--force", container);
    await rm(agents, { recursive: true, force: true });
  }
}

function fail(text: string): number {
  console.error(text);
  return 1;
}

/** Never rejects; a program that is not there has failed. */
async function docker(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly output: string }> {
  return runQuietly("docker", args).catch((error: unknown) => ({ code: 127, output: String(error) }));
}

async function pathOf(image: string): Promise<string> {
  const format = "{{range .Config.Env}}{{println .}}{{end}}";
  const { output } = await docker("image", "inspect", "--format", format, image);
  const line = output.split("\n").find((each) => each.startsWith("PATH="));
  return line?.slice("PATH=".length) ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

async function isUp(url: string): Promise<boolean> {
  const deadline = performance.now() + startMs;
  while (performance.now() < deadline) {
    const answer = await fetch(`${url}/health`).catch(() => null);
    if (answer?.ok === true) return true;
    await sleep(200);
  }
  return false;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
