// Starts an engine with one container and prints the ids of its processes; the test kills this program.
import { request } from "node:http";
import { execa } from "execa";
import { startEngine } from "../../../local/engine/engine.ts";

const [stateDir = "", context = ""] = process.argv.slice(2);
const engine = await startEngine({
  stateDir,
  log: () => undefined,
  output: (_name, stray) => {
    const [container] = engine.containers();
    process.stdout.write(`${JSON.stringify({ group: container?.pid, stray: Number(stray) })}\n`);
  },
});
// The stray keeps nothing of its container but where its home is.
const command = 'env -i HOME="$HOME" setsid sleep 1000 & echo $!; sleep 1000';
await execa(engine.env["WRANGLER_DOCKER_BIN"] ?? "", ["build", "-t", "image:1", "-f", "-", context], {
  input: `FROM scratch\nCMD ["/bin/sh", "-c", ${JSON.stringify(command)}]\n`,
});
await post("/containers/create?name=c-proxy", { Image: engine.env["MINIFLARE_CONTAINER_EGRESS_IMAGE"] });
await post("/containers/create?name=c", { Image: "image:1" });
await post("/containers/c/start", {});

function post(path: string, body: object): Promise<void> {
  return new Promise((resolve) => {
    const asked = request({ socketPath: engine.socketPath, method: "POST", path }, (response) => {
      response.resume().once("end", resolve);
    });
    asked.end(JSON.stringify(body));
  });
}
