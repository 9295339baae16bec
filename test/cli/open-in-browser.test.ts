// The opener is a program that reports to the test by a socket, so that its start and its end are events.
import { once } from "node:events";
import { chmod, mkdtemp, readdir, rm, watch, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "vitest";
import { openInBrowser } from "../../cli/open-in-browser.ts";

let dir: string;
let inDir: string;
const server = createServer();
const arrived: Socket[] = [];
server.on("connection", (socket) => arrived.push(socket));

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "holt-opener-"));
  inDir = await mkdtemp(join(dir, "temporary-"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  for (const socket of arrived.splice(0)) socket.destroy();
  server.close();
  await rm(dir, { recursive: true, force: true });
});

const url = "http://127.0.0.1:1/?board=main#token=t";
const never = new AbortController().signal;

/** Stays until its socket is closed, as one that is the browser itself. */
async function stayingOpener(): Promise<string> {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return opener(
    `require("node:net").connect(${port}, "127.0.0.1").on("close", () => process.exit()).resume();`,
  );
}

async function opener(program: string): Promise<string> {
  const path = join(dir, "opener");
  await writeFile(path, `#!${process.execPath}\n${program}\n`);
  await chmod(path, 0o755);
  return path;
}

async function openerArrives(): Promise<Socket> {
  const known = arrived.at(0);
  if (known !== undefined) return known.resume();
  const [socket]: Socket[] = await once(server, "connection");
  if (socket === undefined) throw new Error("no connection came");
  return socket.resume();
}

async function untilEmpty(folder: string): Promise<void> {
  const stop = new AbortController();
  const changes = watch(folder, { signal: stop.signal });
  // What happened before the first look is seen by it.
  const looked = changes[Symbol.asyncIterator]();
  let next = looked.next();
  while ((await readdir(folder)).length > 0) {
    await next;
    next = looked.next();
  }
  stop.abort();
  await next.catch(() => undefined);
}

test("an opener that stays is waited for no longer than its time and lives on, and the file goes all the same", async ({
  expect,
}) => {
  const times = { openerMs: 50, fileMs: 100 };
  const program = await stayingOpener();
  expect(await openInBrowser({ opener: program, url, inDir, signal: never, times })).toBe(null);
  const socket = await openerArrives();
  await untilEmpty(inDir);
  expect(socket.readyState).toBe("open");
});

test("an interruption ends the wait and the opener, and takes the file away at once", async ({ expect }) => {
  const interruption = new AbortController();
  const opening = openInBrowser({
    opener: await stayingOpener(),
    url,
    inDir,
    signal: interruption.signal,
    times: { openerMs: 600_000, fileMs: 600_000 },
  });
  const refused = opening.catch((error: unknown) => error);
  const socket = await openerArrives();
  const closed = once(socket, "close");
  expect(await readdir(inDir)).toHaveLength(1);
  const why = new Error("interrupted");
  interruption.abort(why);
  expect(await refused).toBe(why);
  expect(await readdir(inDir)).toEqual([]);
  await closed;
});

test("an opener that fails leaves no file, and is told by how it ended", async ({ expect }) => {
  const times = { openerMs: 600_000, fileMs: 600_000 };
  const how = async (program: string): Promise<string | null> =>
    openInBrowser({ opener: program, url, inDir, signal: never, times });
  expect(await how(await opener("process.exit(3)"))).toBe("ended with 3");
  expect(await how(await opener('process.kill(process.pid, "SIGKILL")'))).toBe("ended with SIGKILL");
  expect(await how(join(dir, "nothing"))).toBe("is not installed");
  expect(await readdir(inDir)).toEqual([]);
});
