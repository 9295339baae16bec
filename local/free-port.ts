import { createServer } from "node:net";

const TRIED = 100;

/** The port asked for, or the next free one; another program may take it before it is used. */
export async function findFreePort(from: number): Promise<number> {
  for (let port = from; port < from + TRIED && port <= 65_535; port += 1) {
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port from ${from} on; name another one with --port`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
