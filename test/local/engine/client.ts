import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { request, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setImmediate as nextTurn } from "node:timers/promises";
import { execa } from "execa";
import { onTestFinished } from "vitest";
import * as z from "zod";
import { startEngine, type Engine, type EngineContainer } from "../../../local/engine/engine.ts";

/** An engine, and what workerd and wrangler would say to it. */
export type Client = {
  readonly engine: Engine;
  readonly stateDir: string;
  /** The folder that images are built from. */
  readonly context: string;
  readonly log: readonly string[];
  readonly call: (method: string, path: string, body?: object) => Promise<Reply>;
  readonly docker: (args: readonly string[], input?: string) => Promise<string>;
  /** Builds `image:1` with that shell command. */
  readonly build: (command: string) => Promise<void>;
  /** Creates container and sidecar; gives the status of the former. */
  readonly create: (name: string, body?: object) => Promise<number>;
  /** Builds, creates and starts container `c`; resolves after so many lines of output. */
  readonly run: (command: string, lines: number, body?: object) => Promise<readonly string[]>;
  /** The only container there is. */
  readonly container: () => EngineContainer;
};
export type Reply = { readonly status: number; readonly body: unknown };

/** Opened for one test, closed after it. */
export async function openEngine(): Promise<Client> {
  const { stateDir, context } = await makeFolders();
  const log: string[] = [];
  const output: string[] = [];
  const printed = new EventTarget();
  const engine = await startEngine({
    stateDir: join(stateDir, "made-by-the-engine"),
    log: (line) => log.push(line),
    output: (_name, line) => {
      output.push(line);
      printed.dispatchEvent(new Event("line"));
    },
  });
  onTestFinished(() => engine.close());

  const call = (method: string, path: string, body?: object): Promise<Reply> =>
    callSocket(engine.socketPath, { method, path, body });
  const docker = async (args: readonly string[], input = ""): Promise<string> => {
    const { stdout } = await execa(engine.env["WRANGLER_DOCKER_BIN"] ?? "", args, { input });
    return stdout;
  };
  const build = async (command: string): Promise<void> => {
    const dockerfile = `FROM scratch\nWORKDIR /app\nENTRYPOINT ["/bin/sh", "-c"]\nCMD ${JSON.stringify([command])}\n`;
    await docker(["build", "--load", "-t", "image:1", "-f", "-", context], dockerfile);
  };
  const create = async (name: string, body: object = {}): Promise<number> => {
    await call("POST", `/containers/create?name=${name}-proxy`, {
      Image: engine.env["MINIFLARE_CONTAINER_EGRESS_IMAGE"],
    });
    return (await call("POST", `/containers/create?name=${name}`, { Image: "image:1", ...body })).status;
  };
  return {
    engine,
    stateDir,
    context,
    log,
    call,
    docker,
    build,
    create,
    run: async (command, lines, body) => {
      await build(command);
      await create("c", body);
      await call("POST", "/containers/c/start");
      while (output.length < lines) {
        await new Promise((resolve) => {
          printed.addEventListener("line", resolve, { once: true });
        });
      }
      return output;
    },
    container: () => {
      const [only, ...others] = engine.containers();
      if (only === undefined || others.length > 0) throw new Error("there is not exactly one container");
      return only;
    },
  };
}

export async function makeFolders(): Promise<{ readonly stateDir: string; readonly context: string }> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "holt-engine-test-")));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const context = await mkdtemp(join(root, "context-"));
  return { stateDir: await mkdtemp(join(root, "state-")), context };
}

/** Listens on a free loopback port for one test. */
export async function serve(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return z.object({ port: z.number() }).parse(server.address()).port;
}

/** Resolves when no such process is left, or only a zombie nobody collects; rejects after 10 s. */
export async function untilGone(pid: number | null | undefined): Promise<void> {
  const givenUp = AbortSignal.timeout(10_000);
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => undefined);
    if (stat === undefined || stat.slice(stat.lastIndexOf(")")).startsWith(") Z")) return;
    givenUp.throwIfAborted();
    await nextTurn();
  }
}

type Call = { readonly method: string; readonly path: string; readonly body: object | undefined };

function callSocket(socketPath: string, { method, path, body }: Call): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path, agent: false }, (response) => {
      text(response)
        .then((answer) =>
          resolve({ status: response.statusCode ?? 0, body: answer === "" ? undefined : JSON.parse(answer) }),
        )
        .catch(reject);
    });
    asked.once("error", reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
