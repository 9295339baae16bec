import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { appendNotes } from "../../../container/infra/stand-up.ts";
import { namesOfProcessesIn, realClock } from "../job-folder.ts";
import { stopped } from "../recording-context.ts";
import { fastClock, freePort, listening, makeFrontend, occupy, openSite } from "./site.ts";
import { exists } from "./wait.ts";

const answers = (url: string | null): Promise<string> => fetch(url ?? "").then((response) => response.text());

test("a frontend is installed, built and served beside WireMock, and nothing of it outlives its end", async ({
  expect,
}) => {
  const site = await openSite({ files: { "mocks/mappings/a.json": "{}" } });
  const infra = await makeFrontend();
  const stood = await site.standUp(infra);
  const { servePort, wiremockPort } = infra;
  expect(await site.programs.calls()).toEqual([
    "pnpm install",
    "pnpm run build",
    expect.stringMatching(/^(?:serve|java)/u),
    expect.stringMatching(/^(?:serve|java)/u),
  ]);
  const root = join(site.checkout, "mocks/");
  expect(await site.programs.calls()).toContain(`serve -s dist -l ${servePort}`);
  expect(await site.programs.calls()).toContain(
    `java -jar /opt/wiremock/wiremock-standalone.jar --port ${wiremockPort} --disable-banner --root-dir ${root}`,
  );
  expect(stood).toMatchObject({
    isStopped: false,
    problem: null,
    serveUrl: `http://localhost:${servePort}`,
    record: { started: true, logs: "out install\nout run build" },
  });
  expect(Object.keys(stood.record ?? {}).toSorted()).toEqual(["at", "durationMs", "logs", "started"]);
  expect(await answers(stood.serveUrl)).toBe("app");
  await stood.close();
  await stood.close();
  expect(await namesOfProcessesIn(site.folder)).toEqual([]);
  await expect(answers(stood.serveUrl)).rejects.toThrow("fetch failed");
});

test("the agent is told where the app is served and what a CORS failure means there", async ({ expect }) => {
  const site = await openSite();
  const infra = await makeFrontend();
  const stood = await site.standUp(infra);
  const url = `http://localhost:${infra.servePort}`;
  const prompt = appendNotes("Test it.", stood);
  expect(prompt).toMatch(/^Test it\.\n\nNote: /u);
  expect(prompt.split(url).length - 1).toBeGreaterThan(1);
  expect(prompt).toMatch(/WireMock.*CORS.*not an app defect/u);
  expect(appendNotes("Test it.", null)).toBe("Test it.");
});

test("install, build and server get no secret, no NODE_ENV and no PORT of the harness's", async ({
  expect,
}) => {
  const site = await openSite();
  const ours = {
    ...process.env,
    PATH: site.programs.path,
    HARNESS_SHARED_SECRET: "s",
    BRAVE_SEARCH_API_KEY: "k",
    NODE_ENV: "production",
    PORT: "8080",
    WIREMOCK_JAR: "/srv/wiremock.jar",
  };
  const stood = await site.standUp(await makeFrontend({ env: { VITE_A: "1" } }), { env: ours });
  expect(stood.record?.started).toBe(true);
  expect(await site.programs.calls()).toContainEqual(expect.stringContaining("java -jar /srv/wiremock.jar"));
  const { folder } = site.recording.context;
  for (const call of ["pnpm install", "pnpm run", "serve -s", "java -jar"]) {
    const given = await site.programs.environmentOf(call);
    expect(given["HOME"]).toBe(join(folder, "agent", "home"));
    expect(given["TMPDIR"]).toBe(join(folder, "agent", "tmp"));
    const names = ["HARNESS_SHARED_SECRET", "BRAVE_SEARCH_API_KEY", "NODE_ENV", "PORT"];
    expect(names.filter((name) => name in given)).toEqual([]);
  }
  expect(await site.programs.environmentOf("pnpm run")).toMatchObject({ VITE_A: "1" });
  expect(await site.programs.environmentOf("pnpm install")).not.toHaveProperty("VITE_A");
});

test("a server of the repository's own gets the job's env, and the port it has to listen on wins", async ({
  expect,
}) => {
  const site = await openSite({ programs: { npm: `test "$2" != start || ${listening} "$PORT"` } });
  const infra = await makeFrontend({
    packageManager: "npm",
    install: "  npm   ci ;true ",
    buildScript: "compile",
    serveMode: "command",
    serveScript: "start",
    env: { PORT: "1", API: "http://localhost:8089" },
  });
  const stood = await site.standUp(infra);
  expect(stood.problem).toBeNull();
  const calls = await site.programs.calls();
  expect(calls.filter((call) => call.startsWith("npm"))).toEqual([
    "npm ci ;true",
    "npm run compile",
    "npm run start",
  ]);
  expect(await site.programs.environmentOf("npm run")).toMatchObject({
    PORT: String(infra.servePort),
    API: "http://localhost:8089",
  });
  expect(await answers(stood.serveUrl)).toBe("app");
});

// who does not notice waits for ever
test("a server that dies before it answers is noticed at once, with its last words", async ({ expect }) => {
  const site = await openSite({
    programs: {
      serve: `echo starting; [ -e "$MARKS/looked" ] || mkfifo "$MARKS/looked"; read _ < "$MARKS/looked"
echo 'no such folder: dist' >&2; exit 3`,
    },
  });
  const infra = await makeFrontend();
  // it ends while the next poll is waited for, and no poll and no deadline ever comes
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    if (ms === 1_000) await writeFile(site.programs.mark("looked"), "\n");
    await untilAborted(signal);
  };
  const stood = await site.standUp(
    // there is no WireMock that could be waited for
    { ...infra, wiremockPort: infra.servePort },
    { clock: { now: realClock.now, sleep } },
  );
  expect(stood.serveUrl).toBeNull();
  expect(stood.problem).toMatch(/exited with code 3 before it answered: starting\nno such folder: dist$/u);
  expect(stood.record).toMatchObject({ started: false, logs: "out install\nout run build" });
  expect(appendNotes("", stood)).toMatch(/reported a problem \(.*no such folder.*concern/su);
});

test("a port that somebody else listens on is refused before anything is run", async ({ expect }) => {
  const site = await openSite();
  const infra = await makeFrontend();
  await occupy(infra.servePort);
  const stood = await site.standUp(infra);
  expect(stood.problem).toBe(`port ${infra.servePort} is in use by another process`);
  expect(stood.record).toMatchObject({ started: false, error: stood.problem });
  expect(await site.programs.calls()).toEqual([]);
});

test("somebody else's server on the port never counts as the app", async ({ expect }) => {
  const site = await openSite({ programs: { serve: `touch "$MARKS/started"; exec sleep 100` } });
  const infra = await makeFrontend();
  let requests = 0;
  let isLate = false;
  const clock = {
    now: () => realClock.now() + (isLate ? 1_000_000 : 0),
    sleep: (ms: number, signal?: AbortSignal) => realClock.sleep(Math.min(ms, 20), signal),
  };
  const standing = site.standUp(infra, { clock });
  await exists(site.programs.mark("started"));
  await occupy(infra.servePort, () => {
    requests += 1;
    isLate = requests > 2;
  });
  const stood = await standing;
  expect(stood.serveUrl).toBeNull();
  expect(stood.problem).toContain(`port ${infra.servePort} is in use by another process`);
});

test("an app that never answers is given up after 90 seconds, and its servers end with the job", async ({
  expect,
}) => {
  const site = await openSite({ programs: { serve: "exec sleep 100" } });
  const infra = await makeFrontend();
  const stood = await site.standUp(infra, { clock: fastClock(200) });
  expect(stood.problem).toBe(
    `the app's server did not answer at http://localhost:${infra.servePort} within 90s`,
  );
  await stood.close();
  expect(await namesOfProcessesIn(site.folder)).toEqual([]);
});

test("any HTTP status means that the app is up", async ({ expect }) => {
  const site = await openSite({ programs: { serve: `${listening} "$4" 503` } });
  const stood = await site.standUp(await makeFrontend());
  expect(stood.problem).toBeNull();
});

test("an app without its WireMock is up, and both are told", async ({ expect }) => {
  const site = await openSite({ programs: { java: "echo 'no jar' >&2; exit 1" } });
  const infra = await makeFrontend();
  const stood = await site.standUp(infra);
  expect(stood.serveUrl).toBe(`http://localhost:${infra.servePort}`);
  expect(stood.record).toMatchObject({ started: true, error: expect.stringContaining("no jar") });
  expect(stood.promptNotes).toHaveLength(2);
  expect(stood.promptNotes[0]).toContain("WireMock is not up");
  const mockPort = await freePort();
  const second = await openSite();
  await occupy(mockPort);
  const other = await second.standUp(await makeFrontend({ wiremockPort: mockPort }));
  expect(other.problem).toBe(`WireMock is not up: port ${mockPort} is in use by another process`);
});

test("a server that a script starts in a session of its own counts as ours and ends with the rest", async ({
  expect,
}) => {
  // neither its folder nor its environment tells whose it is
  const hidden = 'cd / && setsid env -i PATH="$PATH" node "$LISTEN" "$4" & wait';
  const site = await openSite({ programs: { serve: hidden } });
  const infra = await makeFrontend();
  const stood = await site.standUp(infra);
  expect(stood.problem).toBeNull();
  expect(await answers(stood.serveUrl)).toBe("app");
  await stood.close();
  await expect(answers(stood.serveUrl)).rejects.toThrow("fetch failed");
  const again = await site.standUp(infra);
  expect(again.problem).toBeNull();
});

/** A command that ends when its server has a session of its own, and so is no longer of the command's group. */
const leavesAServer = `
LISTEN="$LISTEN" setsid sh -c 'echo > "$TMPDIR/left"; exec node "$LISTEN" "$1"' sh "$4" > /dev/null 2>&1 < /dev/null &
until test -f "$TMPDIR/left"; do sleep 0.02; done`;

test("a server that its command leaves in the background is waited for, and ends with the rest", async ({
  expect,
}) => {
  const site = await openSite({
    programs: { serve: leavesAServer },
  });
  const stood = await site.standUp(await makeFrontend());
  expect(stood.problem).toBeNull();
  expect(await answers(stood.serveUrl)).toBe("app");
  await stood.close();
  await expect(answers(stood.serveUrl)).rejects.toThrow("fetch failed");
});

test("a command that ends well and leaves no server is noticed at once", async ({ expect }) => {
  const site = await openSite({ programs: { serve: "echo nothing to serve", java: "exit 1" } });
  const stood = await site.standUp(await makeFrontend());
  expect(stood.serveUrl).toBeNull();
  expect(stood.problem).toMatch(/exited with code 0 before it answered: nothing to serve$/u);
});

test("a server that ignores SIGTERM is killed long before an agent would be", async ({ expect }) => {
  const site = await openSite({
    programs: { serve: `trap '' TERM; node "$LISTEN" "$4" & wait; wait` },
    limits: { killGraceMs: 60_000 },
  });
  const stood = await site.standUp(await makeFrontend());
  expect(stood.problem).toBeNull();
  await stood.close();
  expect(await namesOfProcessesIn(site.folder)).toEqual([]);
});

test("a job that is stopped during an install ends it and says that it was the stop", async ({ expect }) => {
  const site = await openSite({ programs: { pnpm: `sleep 100 & touch "$MARKS/started"; wait` } });
  const standing = site.standUp(await makeFrontend());
  await exists(site.programs.mark("started"));
  site.recording.stop(stopped);
  const stood = await standing;
  expect(stood.isStopped).toBe(true);
  await stood.close();
  expect(await namesOfProcessesIn(site.folder)).toEqual([]);
  expect(site.recording.reported).toEqual([]);
});

test("a job that is stopped while its app is awaited leaves no server", async ({ expect }) => {
  const site = await openSite({ programs: { serve: `touch "$MARKS/started"; exec sleep 100` } });
  const standing = site.standUp(await makeFrontend());
  await exists(site.programs.mark("started"));
  site.recording.stop(stopped);
  const stood = await standing;
  expect(stood).toMatchObject({ isStopped: true, serveUrl: null });
  await stood.close();
  expect(await namesOfProcessesIn(site.folder)).toEqual([]);
});

test("an install that takes too long says that it timed out", async ({ expect }) => {
  const site = await openSite({
    programs: { pnpm: "echo fetching; exec sleep 100" },
    limits: { setupMs: 400 },
  });
  const stood = await site.standUp(await makeFrontend());
  expect(stood.problem).toMatch(/^Command failed: pnpm install\npnpm timed out after 0\.\ds$/u);
  expect(stood.record?.logs).toBe("fetching");
});

test("a silent install is activity every thirty seconds", async ({ expect }) => {
  const site = await openSite({ programs: { pnpm: `until test -f "$MARKS/go"; do sleep 0.02; done` } });
  const clock = fastClock(1_000);
  const standing = site.standUp(await makeFrontend({ servePort: 1 }), { clock });
  while (site.recording.activity() < 3) await realClock.sleep(5);
  await writeFile(site.programs.mark("go"), "");
  await standing;
  const seen = site.recording.activity();
  await clock.sleep(90_000);
  expect(site.recording.activity()).toBe(seen);
});

test("what a failed build prints is redacted in the record, in the note and in the prompt", async ({
  expect,
}) => {
  const site = await openSite({
    programs: { pnpm: `echo "token hunter2-hunter2"; echo "DB_PASSWORD=hunter2-hunter2" >&2; exit 1` },
    secrets: ["hunter2-hunter2"],
  });
  const stood = await site.standUp(await makeFrontend());
  expect(stood.problem).toBe("Command failed: pnpm install\nDB_PASSWORD=***");
  expect(stood.record?.logs).toBe("token ***\nDB_PASSWORD=***");
  expect(JSON.stringify([stood, site.recording.reported])).not.toContain("hunter2");
});

test("a server that ends while the agent works is a note", async ({ expect }) => {
  const site = await openSite();
  const stood = await site.standUp(await makeFrontend());
  await fetch(`${stood.serveUrl}/die`).catch(() => undefined);
  await site.recording.waitFor((reported) => reported.kind === "note" && reported.code === "infra-ended");
  expect(stood.problem).toBeNull();
});

async function untilAborted(signal: AbortSignal | undefined): Promise<void> {
  const { promise, reject } = Promise.withResolvers<void>();
  signal?.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
  if (signal?.aborted === false) await promise;
}
