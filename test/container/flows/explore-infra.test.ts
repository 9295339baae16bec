import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { layPrograms, makeFrontend, usual } from "../infra/site.ts";
import { namesOfProcessesIn } from "../job-folder.ts";
import { startModelEndpoint } from "../structured/model-endpoint.ts";
import { ghToken } from "../git-host.ts";
import {
  type ExploreOptions,
  addProgram,
  checkoutOf,
  openExplore,
  phasesOf,
  reportsOf,
  structured,
  timeIsUp,
} from "./explore-studio.ts";

const infra = {
  kind: "service",
  environment: "local",
  composePath: "compose.yml",
  noInfraDependencies: false,
} as const;

const files = { "compose.yml": "services: {}\n" };

const openWithCompose = async (docker: string, options: ExploreOptions) => {
  const studio = await openExplore({ files, ...options, job: { infra, ...options.job } });
  const calls = join(studio.folder, "docker-calls");
  await addProgram(studio, "docker", `echo "$@" >> ${calls}; ${docker}`);
  const readCalls = async (): Promise<readonly string[]> =>
    (await readFile(calls, "utf8")).trimEnd().split("\n");
  return { ...studio, readCalls };
};

const writePrompt = `printf '%s' "$prompt" > prompt.txt`;

test("the services of a compose file stand while the agent works, and are taken down after it", async ({
  expect,
}) => {
  const studio = await openWithCompose("echo up", { agent: `${writePrompt}; say ok` });
  expect(await studio.run()).toMatchObject({
    state: "done",
    result: { summary: "ok", infraSetup: { started: true, composePath: "compose.yml", logs: "up" } },
  });
  expect(phasesOf(studio)).toEqual(["clone", "infra", "agent"]);
  expect(await studio.readCalls()).toEqual([
    expect.stringMatching(/compose.* -f compose\.yml up -d --wait$/),
    expect.stringMatching(/compose.* -f compose\.yml down -v$/),
  ]);
  expect(await readFile(join(checkoutOf(studio), "prompt.txt"), "utf8")).toBe("Fix the failing test.");
});

test("an agent is told of services that did not come up, without the secrets in their output", async ({
  expect,
}) => {
  const studio = await openWithCompose(`echo 'cannot pull with ${ghToken}' >&2; exit 1`, {
    agent: `${writePrompt}; say_json '{"a":1}'`,
    job: { output: structured },
  });
  expect(await studio.run()).toMatchObject({
    state: "done",
    result: {
      custom: { a: 1, environment: "local" },
      infraSetup: { started: false, error: expect.stringContaining("cannot pull with ***") },
    },
  });
  const prompt = await readFile(join(checkoutOf(studio), "prompt.txt"), "utf8");
  expect(prompt).toMatch(/^Fix the failing test\.\n\nNote: [^]*cannot pull with \*\*\*/);
  expect(prompt).not.toContain(ghToken);
});

for (const [title, agent, expected] of [
  ["has no report", "true", { state: "done", result: { failureCause: "no-usable-output" } }],
  ["fails", "exit 3", { state: "failed", failureCause: "agent" }],
  ["cannot reach its model", "fail_model 401", { state: "failed", error: "401" }],
] as const) {
  test(`how the stand-up went is told of a job whose agent ${title}`, async ({ expect }) => {
    const studio = await openWithCompose("echo up", { agent });
    const end = await studio.run();
    expect(end).toMatchObject(expected);
    expect(end.result).toMatchObject({ infraSetup: { started: true, composePath: "compose.yml" } });
    expect(await studio.readCalls()).toHaveLength(2);
  });
}

test("a job that is stopped while its services come up ends by that, and they are taken down", async ({
  expect,
}) => {
  const started = await startModelEndpoint({ body: "" });
  const tell = `"${process.execPath}" -e 'void fetch("${started.url}/coming-up")'`;
  const studio = await openWithCompose(`case "$*" in *up*) ${tell}; exec sleep 600;; esac`, {
    agent: "say ok",
  });
  const running = studio.run();
  // Somebody may still look for a server of before on this port.
  await started.waitFor(({ url }) => url.endsWith("/coming-up"));
  studio.recording.stop(timeIsUp);
  expect(await running).toMatchObject({ state: "failed", failureCause: "max-duration" });
  expect(phasesOf(studio)).toEqual(["clone", "infra"]);
  expect((await studio.readCalls()).at(-1)).toMatch(/ down -v$/);
});

test("a frontend is served while the agent tests it, and the result says so", async ({ expect }) => {
  const frontend = await makeFrontend();
  const url = `http://localhost:${frontend.servePort}`;
  const ask = `"${process.execPath}" -e 'fetch("${url}").then((r) => r.text()).then((t) => console.log(t))'`;
  const studio = await openExplore({
    agent: `${writePrompt}; answer=$(${ask}); say_json "{\\"seen\\":\\"$answer\\"}"`,
    files: { "index.html": "<p>" },
    job: { infra: frontend, output: structured },
  });
  await layPrograms(join(studio.folder, "bin"), usual);
  const end = await studio.run();
  expect(end).toMatchObject({
    state: "done",
    result: {
      custom: { seen: "app", environment: "ephemeral" },
      infraSetup: { started: true, logs: "out install\nout run build" },
    },
  });
  expect(end.result?.infraSetup).not.toHaveProperty("composePath");
  const prompt = await readFile(join(checkoutOf(studio), "prompt.txt"), "utf8");
  expect(prompt).toMatch(/^Fix the failing test\.\n\nNote: /);
  expect(prompt).toContain(url);
  // what is stood up is nothing the agent left running
  expect(reportsOf(studio, "note")).toEqual([]);
  await expect(fetch(url)).rejects.toThrow("fetch failed");
  expect(await namesOfProcessesIn(studio.folder)).toEqual([]);
});
