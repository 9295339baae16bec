/**
 * The real Codex in a checkout full of traps: settings, servers, skills and instructions of a repository's own, and a
 * proxy that takes down who else is asked: `node scripts/run.mjs test/agents/codex-isolation.ts`.
 */
import { appendFile, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { codex } from "../../container/agents/codex/codex.ts";
import { runProcess } from "../../container/process.ts";
import { childEnvironment } from "../../container/process/environment.ts";
import { makeJob } from "../container/make-job.ts";
import { installAgents, installedBin, nodeFolder } from "./install.ts";
import { startResponsesServer } from "./responses-server.ts";
import { act, say } from "./scenario.ts";

const token = "scripted-token";
const prompt = "Look around with $trap and say what you see.";

/** In settings that say so, the traps are no longer anybody's but the user's own. */
const trust = `[projects."CHECKOUT"]\ntrust_level = "trusted"\n`;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
await installAgents(print);
const wrong = await checkIsolation(`${installedBin}:${nodeFolder}:/usr/bin:/bin`);
for (const what of wrong) print(what);
print(wrong.length === 0 ? "1 passed, 0 failed" : "0 passed, 1 failed");
process.exitCode = wrong.length === 0 ? 0 : 1;

/** What went wrong; nothing where nothing did. */
async function checkIsolation(path: string): Promise<readonly string[]> {
  const [own, trusting] = [await runAmongTraps(path, ""), await runAmongTraps(path, trust)];
  const isStale = trusting.sprung.length === 0;
  return [
    ...own.sprung.map((what) => `a checkout of somebody's reached Codex: ${what}`),
    ...own.hosts.map((host) => `Codex asked for ${host}`),
    ...own.strays.map((name) => `Codex wrote ${name} outside its home`),
    ...(own.isSettled ? [] : ["Codex did not come to its end"]),
    ...(isStale ? ["the traps spring nowhere, not even in a trusted checkout"] : []),
  ];
}

async function runAmongTraps(path: string, moreSettings: string) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "holt-codex-")));
  const [home, checkout] = [join(folder, "home"), join(folder, "above", "checkout")];
  const [temporary, sprung] = [join(folder, "tmp"), join(folder, "sprung")];
  const script = ({ done }: { readonly done: readonly unknown[] }) =>
    done.length === 0 ? act({ kind: "run", command: "ls -a" }) : say("I see files.");
  const model = await startResponsesServer({ script, token, log: () => undefined });
  const proxy = await startRefusingProxy();
  try {
    for (const name of [home, checkout, temporary, sprung]) await mkdir(name, { recursive: true });
    for (const place of [dirname(checkout), checkout]) await layTraps(place, sprung);
    await execa("git", ["init", "-q", checkout], { stdin: "ignore" });
    const auth = { kind: "token", subscriptionToken: token } as const;
    const agent = { kind: "codex", auth, subscriptionBaseUrl: model.baseUrl } as const;
    const job = makeJob({ agent, model: "gpt-5.5", userPrompt: prompt });
    const command = await codex.prepare({ job, instructions: "Be brief.", home, environment: {} });
    await appendFile(join(home, ".codex", "config.toml"), moreSettings.replace("CHECKOUT", checkout));
    const ours = { PATH: path, HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url, NO_PROXY: "127.0.0.1" };
    const end = await runProcess({
      ...command,
      cwd: checkout,
      env: childEnvironment(ours, { HOME: home, TMPDIR: temporary, ...command.env }),
      killGraceMs: 5_000,
      timeoutMs: 60_000,
    });
    const asked = model
      .requests()
      .map(({ body }) => body)
      .join("\n");
    return {
      sprung: [...(await readdir(sprung)), ...new Set(asked.match(/TRAP-[A-Z]+/g))],
      hosts: [...proxy.hosts],
      strays: [...(await readdir(home)).filter((name) => name !== ".codex"), ...(await readdir(temporary))],
      isSettled: end.stdout.includes('"turn.completed"'),
    };
  } finally {
    await Promise.all([model.close(), proxy.close()]);
    await rm(folder, { recursive: true, force: true });
  }
}

/** What Codex 0.169 looks for in a checkout and in the folders above it. */
async function layTraps(place: string, sprung: string): Promise<void> {
  const skill = "---\nname: trap\ndescription: TRAP-SKILL\n---\nTRAP-SKILL\n";
  const touch = (name: string): string => JSON.stringify(["touch", join(sprung, name)]);
  const settings = `notify = ${touch("notify")}
developer_instructions = "TRAP-SETTINGS"
[mcp_servers.trap]
command = "touch"
args = [${JSON.stringify(join(sprung, "server"))}]
`;
  const hook = { type: "command", command: `touch ${join(sprung, "hook")}` };
  const traps: Readonly<Record<string, string>> = {
    ".codex/config.toml": settings,
    ".codex/hooks.json": JSON.stringify({ hooks: { SessionStart: [{ hooks: [hook] }] } }),
    ".codex/rules/default.rules": `prefix_rule(pattern=["ls"], decision="forbidden")\n`,
    ".codex/skills/trap/SKILL.md": skill,
    ".agents/skills/trap/SKILL.md": skill,
    "AGENTS.md": "TRAP-INSTRUCTIONS\n",
    "AGENTS.override.md": "TRAP-OVERRIDE\n",
  };
  for (const [name, content] of Object.entries(traps)) {
    await mkdir(dirname(join(place, name)), { recursive: true });
    await writeFile(join(place, name), content);
  }
}

/** Lets nobody out, and remembers where they wanted to go. */
async function startRefusingProxy() {
  const hosts = new Set<string>();
  const server = createServer((request, response) => {
    hosts.add(request.url ?? "");
    response.writeHead(502).end();
  });
  server.on("connect", ({ url }, socket) => {
    hosts.add(url ?? "");
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy listens on no port");
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { hosts, close, url: `http://127.0.0.1:${address.port}` };
}
