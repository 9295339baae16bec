// The engine over its socket, with no workerd: what must hold whoever asks.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { watch } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, test } from "vitest";
import * as z from "zod";
import { makeFolders, openEngine, serve, untilGone } from "./client.ts";

describe("the process engine", () => {
  test("says at its start that it isolates nothing", async ({ expect }) => {
    const { log } = await openEngine();
    expect(log).toStrictEqual([expect.stringMatching(/without isolation/u)]);
  });

  test("a container runs the image's command in the build context", async ({ expect }) => {
    const { run, container, context } = await openEngine();
    const output = await run("pwd; echo $GREETING; echo $HOME", 3, { Env: ["GREETING=hello=you"] });
    expect(output).toStrictEqual([context, "hello=you", container().home]);
  });

  test("close() kills what runs and removes every folder", async ({ expect }) => {
    const { engine, run, container, stateDir } = await openEngine();
    await run("echo up; sleep 1000", 1);
    const { pid } = container();
    expect(container()).toMatchObject({ state: "running" });
    await engine.close();
    expect(container()).toMatchObject({ state: "removed", exitCode: 137 });
    await untilGone(pid);
    expect(await readdir(stateDir)).toStrictEqual([]);
  });

  test("an engine whose process is killed leaves neither process nor folder", async ({ expect }) => {
    const { context, stateDir } = await makeFolders();
    const program = join(import.meta.dirname, "killed-engine.ts");
    const host = spawn(process.execPath, [program, stateDir, context], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = z.tuple([z.string()]).parse(await once(createInterface({ input: host.stdout }), "line"));
    const { group, stray } = z.object({ group: z.number(), stray: z.number() }).parse(JSON.parse(line));
    const emptied = untilEmpty(stateDir);
    host.kill("SIGKILL");
    await emptied;
    await Promise.all([untilGone(group), untilGone(stray)]);
    expect(await readdir(stateDir)).toStrictEqual([]);
  });

  test("a removal while the start is under way leaves no process", async ({ expect }) => {
    const { build, create, call, container } = await openEngine();
    await build("sleep 1000");
    await create("c");
    await Promise.all([call("POST", "/containers/c/start"), call("DELETE", "/containers/c?force=true")]);
    expect(container()).toMatchObject({ state: "removed" });
    await untilGone(container().pid);
  });

  test("a name is taken while its container is there and free after the removal", async ({ expect }) => {
    const { engine, build, create, call } = await openEngine();
    await build("true");
    expect(await create("c")).toBe(201);
    expect(await create("c")).toBe(409);
    await call("DELETE", "/containers/c?force=true");
    expect(await create("c")).toBe(201);
    expect(engine.containers()).toMatchObject([{ state: "removed" }, { state: "created" }]);
  });

  test("of two creates at once under one name, one is refused", async ({ expect }) => {
    const { engine, build, create } = await openEngine();
    await build("true");
    const statuses = await Promise.all([create("c"), create("c")]);
    expect(statuses.toSorted((a, b) => a - b)).toStrictEqual([201, 409]);
    expect(engine.containers()).toHaveLength(1);
  });

  test("of two builds under one tag the newer one runs", async ({ expect }) => {
    const { build, run } = await openEngine();
    await build("echo older");
    expect(await run("echo newer", 1)).toStrictEqual(["newer"]);
  });

  test("an image nobody built is refused, and nothing is created", async ({ expect }) => {
    const { engine, create } = await openEngine();
    expect(await create("c")).toBe(404);
    expect(engine.containers()).toStrictEqual([]);
  });

  test("a program that is not there is an error at the start, not a container that hangs", async ({
    expect,
  }) => {
    const { build, create, call, container } = await openEngine();
    await build("true");
    await create("c", { Entrypoint: ["/no/such/program"] });
    const { status, body } = await call("POST", "/containers/c/start");
    expect(status).toBe(500);
    expect(body).toMatchObject({ message: expect.stringMatching(/ENOENT/u) });
    expect(container()).toMatchObject({ state: "created", pid: null });
  });

  test("a command of the start options takes the place of the image's CMD and keeps its ENTRYPOINT", async ({
    expect,
  }) => {
    const { run } = await openEngine();
    expect(await run("echo image", 1, { Cmd: ["echo start options"] })).toStrictEqual(["start options"]);
  });

  test("a stop kills what ignores SIGTERM once the grace is over", async ({ expect }) => {
    const { run, call, container } = await openEngine();
    await run("trap '' TERM; echo up; while :; do sleep 1000; done", 1);
    expect(await call("POST", "/containers/c/stop?t=0.05")).toMatchObject({ status: 204 });
    expect(container()).toMatchObject({ state: "exited", exitCode: 137 });
  });

  test.for([
    ["exit 7", 7],
    ["kill -TERM $$", 143],
    ["kill -SEGV $$", 139],
  ] as const)("%s is reported as %i", async ([command, code], { expect }) => {
    const { run, call } = await openEngine();
    await run(command, 0);
    expect(await call("POST", "/containers/c/wait")).toStrictEqual({
      status: 200,
      body: { StatusCode: code },
    });
  });

  test("a start that is held does nothing until its process goes on; one that is not meant goes on by itself", async ({
    expect,
  }) => {
    const { run, build, create, call, engine, log } = await openEngine();
    const asked: string[] = [];
    const letGo = engine.faults.holdStarts(({ name }) => {
      asked.push(name);
      return Promise.resolve(name === "held");
    });
    expect(await run("echo up", 1)).toStrictEqual(["up"]);
    await build("exit 7");
    await create("held");
    await call("POST", "/containers/held/start");
    letGo();
    const held = engine.containers().at(-1);
    expect(asked).toStrictEqual(["c", "held"]);
    expect(await readFile(`/proc/${held?.pid}/cmdline`, "latin1")).toMatch(/read -r/u);
    expect(held).toMatchObject({ state: "running" });
    engine.faults.goOn("held");
    await engine.waitFor((all) => all.at(-1)?.exitCode === 7);
    expect(log.join()).toContain("ended with 7");
  });

  test("the end of the first process is the end of its group", async ({ expect }) => {
    const { run, call } = await openEngine();
    const [child] = await run("trap '' TERM; sleep 1000 & echo $!; exit 0", 1);
    expect((await call("POST", "/containers/c/wait")).body).toStrictEqual({ StatusCode: 0 });
    await untilGone(Number(child));
  });

  test("a request outside the subset is refused and logged", async ({ expect }) => {
    const { call, log } = await openEngine();
    expect(await call("POST", "/swarm/init")).toMatchObject({ status: 501 });
    expect(log.at(-1)).toMatch(/POST \/swarm\/init/u);
  });

  test("the docker command lists and ends containers by image, as wrangler's clean-up does", async ({
    expect,
  }) => {
    const { engine, run, docker, container } = await openEngine();
    await run("echo up; sleep 1000", 1);
    const { id, pid } = container();
    expect(await docker(["ps", "-a", "--filter", "ancestor=image:2", "--format", "{{.ID}}"])).toBe("");
    const listed = await docker(["ps", "-a", "--filter", "ancestor=image:1", "--format", "{{.ID}}"]);
    expect(listed).toBe(id);
    await docker(["rm", "--force", listed]);
    await engine.waitFor((all) => all[0]?.state === "removed");
    await untilGone(pid);
  });

  test("loopback is reached directly, another host only through the Worker's port", async ({ expect }) => {
    const asked: string[] = [];
    // The Worker's side of the contract: CONNECT, then plain HTTP in the tunnel.
    const worker = createServer().on("connect", (request, socket) => {
      asked.push(`${request.url} as ${String(request.headers["x-hostname"])}`);
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nworker\n"));
    });
    const direct = createServer((_request, response) => response.end("direct\n"));
    const [workerPort, directPort] = [await serve(worker), await serve(direct)];
    const { build, create, call, run, engine } = await openEngine();
    await build("true");
    await create("c");
    await setEgress(await call("GET", "/containers/c-proxy/json"), workerPort);
    await call("DELETE", "/containers/c?force=true");
    const targets = ["http://holt.internal/x", `http://127.0.0.1:${directPort}/`];
    const output = await run(targets.map((target) => `curl -sS ${target}`).join("; "), 2);
    expect(output).toStrictEqual(["worker", "direct"]);
    expect(asked).toStrictEqual(["holt.internal:80 as holt.internal"]);
    expect(engine.containers().at(-1)?.workerPort).toBe(workerPort);
  });

  test("without a Worker another host is refused with the reason", async ({ expect }) => {
    const { run } = await openEngine();
    const output = await run("curl -sS http://holt.internal/", 1);
    expect(output).toStrictEqual(["no Worker listens for this container"]);
  });
});

const Published = z.object({
  NetworkSettings: z.object({ Ports: z.record(z.string(), z.array(z.object({ HostPort: z.string() }))) }),
});

/** What workerd does with a sidecar: tells it where the Worker takes outgoing connections. */
async function setEgress({ body }: { readonly body: unknown }, port: number): Promise<void> {
  const [published] = Published.parse(body).NetworkSettings.Ports["39001/tcp"] ?? [];
  await fetch(`http://127.0.0.1:${published?.HostPort}/egress`, {
    method: "PUT",
    body: JSON.stringify({ port }),
  });
}

/** Resolves when the folder has no entry left. */
async function untilEmpty(folder: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const watcher = watch(folder);
    const look = async (): Promise<void> => {
      if ((await readdir(folder)).length > 0) return;
      watcher.close();
      resolve();
    };
    watcher.on("change", () => void look().catch(reject));
  });
}
