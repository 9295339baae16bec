import { readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { environmentOf } from "../../../container/infra/stand-up.ts";
import { readProcessTable } from "../../../container/process/table.ts";
import type { ServiceInfra } from "../../../shared/job-body/infra.ts";
import { makeFolder, namesOfProcessesIn } from "../job-folder.ts";
import { stopped } from "../recording-context.ts";
import { openSite } from "./site.ts";
import { exists } from "./wait.ts";

const services: ServiceInfra = {
  kind: "service",
  environment: "local",
  noInfraDependencies: false,
  composePath: "infra/compose.yml",
};
const files = { "infra/compose.yml": "services: {}\n" };
const name = /^holt-[0-9a-f]{16}$/u;

test("services are stood up with compose at the root of the clone and taken down with their volumes", async ({
  expect,
}) => {
  const site = await openSite({ files, programs: { docker: 'echo "at $PWD"; echo Started >&2' } });
  const stood = await site.standUp(services);
  expect(stood).toMatchObject({ isStopped: false, problem: null, serveUrl: null, promptNotes: [] });
  expect(stood.record).toEqual({
    started: true,
    composePath: "infra/compose.yml",
    at: expect.any(Number),
    durationMs: expect.any(Number),
    logs: `at ${site.checkout}\nStarted`,
  });
  await stood.close();
  await stood.close();
  expect(await site.programs.calls()).toEqual([
    "docker compose -f infra/compose.yml up -d --wait",
    "docker compose -f infra/compose.yml down -v",
  ]);
});

test("compose gets what docker needs and no secret, and a project of the job's own", async ({ expect }) => {
  const sites = [await openSite({ files }), await openSite({ files })];
  const projects = new Set<string | undefined>();
  for (const site of sites) {
    const env = {
      PATH: site.programs.path,
      DOCKER_HOST: "unix:///run/docker.sock",
      XDG_RUNTIME_DIR: "/run/user/1",
      HARNESS_SHARED_SECRET: "s",
      NODE_ENV: "production",
      PORT: "8080",
    };
    await site.standUp(services, { env });
    const given = await site.programs.environmentOf("docker compose");
    expect(given).toMatchObject({
      DOCKER_HOST: "unix:///run/docker.sock",
      XDG_RUNTIME_DIR: "/run/user/1",
      COMPOSE_PROJECT_NAME: expect.stringMatching(name),
      HOME: join(site.recording.context.folder, "agent", "home"),
    });
    const names = ["HARNESS_SHARED_SECRET", "NODE_ENV", "PORT"];
    expect(names.filter((secret) => secret in given)).toEqual([]);
    projects.add(given["COMPOSE_PROJECT_NAME"]);
  }
  expect(projects.size).toBe(2);
});

test("a failed stand-up is a record and a note, and what came up is taken down all the same", async ({
  expect,
}) => {
  const docker = `test "$4" = down || { echo pulling; echo "open nope.yml: token-0123456789" >&2; exit 14; }`;
  const site = await openSite({ programs: { docker }, secrets: ["token-0123456789"] });
  const stood = await site.standUp({ ...services, composePath: "nope.yml" });
  const text = "Command failed: docker compose -f nope.yml up -d --wait\nopen nope.yml: ***";
  expect(stood.record).toMatchObject({
    started: false,
    composePath: "nope.yml",
    error: text,
    logs: "pulling\nopen nope.yml: ***",
  });
  expect(stood.promptNotes).toEqual([expect.stringContaining(`(${text})`)]);
  expect(site.recording.reported).toEqual([{ kind: "note", code: "infra-problem", text }]);
  await stood.close();
  expect(await site.programs.calls()).toContain("docker compose -f nope.yml down -v");
});

test("a machine without docker is a problem of the stand-up", async ({ expect }) => {
  const site = await openSite({ files });
  const stood = await site.standUp(services, { env: { PATH: site.checkout } });
  expect(stood.problem).toMatch(/up -d --wait\ndocker could not be started: .*docker/su);
  await stood.close();
});

const outside = [
  "../compose.yml",
  "a/../../b.yml",
  "/etc/compose.yml",
  "oci://host/app",
  "-",
  "--help",
  "C:\\c.yml",
];

test.for(outside)(
  "a compose file at '%s' is none of the repository's and is refused",
  async (path, { expect }) => {
    const site = await openSite({ files });
    const stood = await site.standUp({ ...services, composePath: path });
    expect(stood.problem).toMatch(/^'infra\.composePath' must/u);
    expect(stood.record).toMatchObject({ started: false, composePath: path });
    await stood.close();
    expect(await site.programs.calls()).toEqual([]);
  },
);

test("a compose file that a link leads out of the repository for is refused", async ({ expect }) => {
  const site = await openSite({ files });
  const elsewhere = await makeFolder();
  await writeFile(join(elsewhere, "compose.yml"), "services: {}\n");
  await symlink(elsewhere, join(site.checkout, "out"));
  await symlink("infra", join(site.checkout, "inside"));
  const stood = await site.standUp({ ...services, composePath: "out/compose.yml" });
  expect(stood.problem).toBe("'infra.composePath' leads out of the repository: out/compose.yml");
  expect(await site.programs.calls()).toEqual([]);
  const inside = await site.standUp({ ...services, composePath: "inside/compose.yml" });
  expect(inside.problem).toBeNull();
});

test("services end by their project's name where the agent has removed the file", async ({ expect }) => {
  const docker = `test "$2" != -f || test -f "$3" || { echo "no such file" >&2; exit 1; }`;
  const site = await openSite({ files, programs: { docker } });
  const stood = await site.standUp(services);
  await rm(join(site.checkout, "infra"), { recursive: true });
  await stood.close();
  expect((await site.programs.calls()).at(-1)).toBe("docker compose down -v");
  expect(await site.programs.environmentOf("docker compose")).toMatchObject({
    COMPOSE_PROJECT_NAME: expect.stringMatching(name),
  });
  expect(site.recording.reported).toEqual([]);
});

test("services that cannot be taken down are a note", async ({ expect }) => {
  const site = await openSite({
    files,
    programs: { docker: 'test "$4" = up || { echo stuck >&2; exit 1; }' },
  });
  const stood = await site.standUp(services);
  await stood.close();
  expect(site.recording.reported).toEqual([
    expect.objectContaining({ code: "infra-left", text: expect.stringContaining("stuck") }),
  ]);
});

test("a job that is stopped while its services start takes them down", async ({ expect }) => {
  const docker = `test "$4" = down || { touch "$MARKS/started"; sleep 100; }`;
  const site = await openSite({ files, programs: { docker } });
  const standing = site.standUp(services);
  await exists(site.programs.mark("started"));
  site.recording.stop(stopped);
  const stood = await standing;
  expect(stood.isStopped).toBe(true);
  await stood.close();
  expect((await site.programs.calls()).at(-1)).toBe("docker compose -f infra/compose.yml down -v");
  expect(await namesOfProcessesIn(site.folder)).toEqual([]);
});

test("compose that takes too long says that it timed out", async ({ expect }) => {
  const docker = 'test "$4" = down || exec sleep 100';
  const site = await openSite({ files, programs: { docker }, limits: { setupMs: 300 } });
  const stood = await site.standUp(services);
  expect(stood.problem).toMatch(/up -d --wait\ndocker timed out after 0\.3s$/u);
});

test("an ephemeral environment, and one without dependencies, stand nothing up", async ({ expect }) => {
  const site = await openSite({ files });
  const { composePath: _unnamed, ...unnamed } = services;
  const others: readonly ServiceInfra[] = [
    { ...services, environment: "ephemeral" },
    { ...services, noInfraDependencies: true },
    unnamed,
  ];
  for (const infra of others) {
    const stood = await site.standUp(infra);
    expect(stood).toMatchObject({ isStopped: false, record: null, promptNotes: [], problem: null });
    await stood.close();
  }
  expect(await site.programs.calls()).toEqual([]);
  expect(others.map(environmentOf)).toEqual(["ephemeral", "local", "local"]);
  expect(environmentOf({ kind: "frontend" })).toBe("ephemeral");
  expect(environmentOf(undefined)).toBeNull();
});

test("a daemon that docker starts on the way, and what it takes into sessions of its own, is spared and then ended", async ({
  expect,
}) => {
  const daemon = `setsid sh -c 'echo $$ >pid; exec sleep 600' & wait`;
  const docker = [
    'case "$*" in *up*) ;; *) exit ;; esac',
    'export PARTS="$(cat parts)"',
    `bash -c 'set -m; sh -c "$PARTS" >/dev/null 2>&1 &'`,
    "while ! test -s pid; do sleep 0.02; done",
  ].join("\n");
  const site = await openSite({ files: { ...files, parts: daemon }, programs: { docker } });
  const stood = await site.standUp(services);
  const session = Number(await readFile(join(site.checkout, "pid"), "utf8"));
  expect(stood.sessions()).toContain(session);
  await stood.close();
  expect((await readProcessTable()).filter(({ pid }) => pid === session)).toEqual([]);
});
