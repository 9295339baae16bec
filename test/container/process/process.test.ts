import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { type ProcessSpec, runProcess } from "../../../container/process.ts";
import { childEnvironment } from "../../../container/process/environment.ts";
import { killLeftOver } from "../../../container/process/left-over.ts";
import { fixtureProgram, makeFolder, namesOfProcessesIn, realClock } from "../job-folder.ts";

async function makeSpec(spec: Partial<ProcessSpec> & Pick<ProcessSpec, "file">): Promise<ProcessSpec> {
  const folder = await makeFolder();
  return {
    args: [],
    cwd: folder,
    env: childEnvironment(process.env, { HOME: join(folder, "home") }),
    killGraceMs: 200,
    ...spec,
  };
}

test("a program that succeeds gives its output and its code", async ({ expect }) => {
  const end = await runProcess(
    await makeSpec({ file: "sh", args: ["-c", "cat; echo warned >&2"], input: "hé" }),
  );
  expect(end).toEqual({ exit: { kind: "exited", code: 0 }, stdout: "hé", stderrLines: ["warned"] });
});

test("a program that is not there is an exit, not a rejection", async ({ expect }) => {
  const end = await runProcess(await makeSpec({ file: "no-such-program" }));
  expect(end.exit).toEqual({ kind: "spawn-failed", error: "spawn no-such-program ENOENT" });
});

test("a line of errors that is too long is cut between words, never inside a secret", async ({ expect }) => {
  const words = "word ".repeat(818);
  const script = `printf '%s%s' '${words}' 'secret-0123456789 and more' >&2`;
  const { stderrLines } = await runProcess(await makeSpec({ file: "sh", args: ["-c", script] }));
  expect(stderrLines).toEqual([`${words}… (${words.length + 26} bytes in this line)`]);
});

test("invariant 10: a line of errors that is too long is redacted before it is cut, words and all", async ({
  expect,
}) => {
  const secret = "a secret of several words";
  const redact = (text: string): string => text.replaceAll(secret, "***");
  for (const behind of ["", "y".repeat(40_000)]) {
    const script = `printf '%s' '${"word ".repeat(816)}${secret} ${behind}and more' >&2`;
    const spec = await makeSpec({ file: "sh", args: ["-c", script], redact });
    const { stderrLines } = await runProcess(spec);
    expect(stderrLines.join("\n")).toMatch(
      /^(?:word )+(?:w|wo|wor|word|\*\*\* .*)?… \(\d+ bytes in this line\)$/,
    );
  }
});

test("invariant 10: an endless line of secrets does not end with half of one", async ({ expect }) => {
  const secret = "a secret of several words";
  const redact = (text: string): string => text.replaceAll(secret, "***");
  for (let shift = 0; shift < secret.length; shift += 1) {
    const script = `process.stderr.write("x".repeat(${shift}) + "${secret}".repeat(2000))`;
    const spec = await makeSpec({ file: process.execPath, args: ["-e", script], redact });
    const { stderrLines } = await runProcess(spec);
    expect(stderrLines.join("\n").replaceAll("***", "")).toMatch(/^x*\*{0,2}… \(\d+ bytes in this line\)$/);
  }
});

test("an argument that no process can have is an exit, not a rejection", async ({ expect }) => {
  const end = await runProcess(await makeSpec({ file: "sh", args: ["a\0b"] }));
  expect(end.exit.kind).toBe("spawn-failed");
});

test("a child sees only what it is given of the environment", async ({ expect }) => {
  const env = childEnvironment(
    {
      PATH: process.env["PATH"],
      HARNESS_SHARED_SECRET: "s3cret",
      PORT: "8080",
      NODE_ENV: "production",
      HTTPS_PROXY: "http://proxy:3128",
      NODE_OPTIONS: "--inspect",
    },
    { HOME: "/home/job" },
  );
  const end = await runProcess(await makeSpec({ file: "env", env }));
  const names = end.stdout
    .trim()
    .split("\n")
    .map((line) => line.replace(/=.*/, ""))
    .toSorted();
  expect(names).toEqual(["HOME", "HTTPS_PROXY", "PATH"]);
});

test("a secret reaches descriptor 3 and neither arguments nor environment", async ({ expect }) => {
  const args = [
    "-c",
    "cat /proc/self/environ /proc/self/cmdline | tr '\\0' '\\n'; echo; echo from 3: $(cat <&3)",
  ];
  const end = await runProcess(await makeSpec({ file: "sh", args, secret: "s3cret" }));
  expect(end.stdout.match(/s3cret/g)).toEqual(["s3cret"]);
  expect(end.stdout).toContain("from 3: s3cret");
});

test("a program that runs too long is ended and said to have timed out", async ({ expect }) => {
  const end = await runProcess(await makeSpec({ file: "sleep", args: ["300"], timeoutMs: 50 }));
  expect(end.exit).toEqual({ kind: "timed-out", timeoutMs: 50 });
});

test("a group that ignores SIGTERM is killed after the grace and leaves nothing", async ({ expect }) => {
  const stop = new AbortController();
  const spec = await makeSpec({
    file: fixtureProgram("ignore-sigterm.sh"),
    signal: stop.signal,
    onStdout: () => stop.abort(),
  });
  const end = await runProcess(spec);
  expect(end.exit).toEqual({ kind: "cancelled" });
  await expect.poll(() => namesOfProcessesIn(spec.cwd)).toEqual([]);
});

test("a signal that is aborted beforehand starts nothing", async ({ expect }) => {
  const spec = await makeSpec({ file: "sh", args: ["-c", "echo ran"], signal: AbortSignal.abort() });
  expect(await runProcess(spec)).toEqual({ exit: { kind: "cancelled" }, stdout: "", stderrLines: [] });
});

test("the death of a program by a signal names the signal", async ({ expect }) => {
  const end = await runProcess(await makeSpec({ file: "sh", args: ["-c", "kill -9 $$"] }));
  expect(end.exit).toEqual({ kind: "signalled", signal: "SIGKILL" });
});

test("output beyond the bound ends the program", async ({ expect }) => {
  const end = await runProcess(await makeSpec({ file: "yes", maxOutputBytes: 100_000 }));
  expect(end.exit).toEqual({ kind: "output-too-large", maxBytes: 100_000 });
  expect(end.stdout.length).toBeLessThanOrEqual(100_000);
});

test("everything a program wrote before it ended arrives", async ({ expect }) => {
  let bytes = 0;
  const args = ["-c", "head -c 3000000 /dev/zero"];
  await runProcess(await makeSpec({ file: "sh", args, onStdout: (chunk) => (bytes += chunk.length) }));
  expect(bytes).toBe(3_000_000);
});

test("a stranger that holds the pipes does not hold the end", async ({ expect }) => {
  const spec = await makeSpec({ file: fixtureProgram("hold-pipes-in-another-session.sh") });
  const end = await runProcess(spec);
  expect(end.exit).toEqual({ kind: "exited", code: 0 });
  expect(end.stdout.split("\n").toSorted()).toEqual(["", "done", "left"]);
  expect(await namesOfProcessesIn(spec.cwd)).toEqual(["sleep"]);
});

test("what left the group is found by the job's folder and killed, once and for all", async ({ expect }) => {
  const spec = await makeSpec({ file: fixtureProgram("hold-pipes-in-another-session.sh") });
  await runProcess(spec);
  const marks = { folders: [spec.cwd], sessions: [], exceptSessions: () => [] };
  const { killed, survivors } = await killLeftOver(marks, realClock);
  expect(killed.map(({ name }) => name)).toEqual(["sleep"]);
  expect(survivors).toEqual([]);
  expect(await killLeftOver(marks, realClock)).toEqual({ killed: [], survivors: [] });
});

test("a folder that was exchanged for a link marks nobody where the link leads", async ({ expect }) => {
  const stranger = await makeSpec({ file: fixtureProgram("hold-pipes-in-another-session.sh") });
  await runProcess(stranger);
  const folder = join(await makeFolder(), "checkout");
  await symlink(stranger.cwd, folder);
  const marks = { folders: [folder], sessions: [], exceptSessions: () => [] };
  expect(await killLeftOver(marks, realClock)).toEqual({ killed: [], survivors: [] });
  expect(await namesOfProcessesIn(stranger.cwd)).toEqual(["sleep"]);
});

test("a process with an empty environment is found by its working directory", async ({ expect }) => {
  // the shell ends, and its group with it, only once the other one is in a session of its own
  const script = "mkfifo ready; env -i setsid -f sh -c 'echo > ready; exec sleep 300'; read line < ready";
  const spec = await makeSpec({ file: "sh", args: ["-c", script] });
  await runProcess(spec);
  await expect.poll(() => namesOfProcessesIn(spec.cwd)).toEqual(["sleep"]);
  const { killed } = await killLeftOver(
    { folders: [spec.cwd], sessions: [], exceptSessions: () => [] },
    realClock,
  );
  expect(killed).toHaveLength(1);
});

test("work of our own in the job's folder is spared", async ({ expect }) => {
  const stop = new AbortController();
  let session = 0;
  const spec = await makeSpec({ file: "sleep", args: ["300"], signal: stop.signal });
  const running = runProcess({ ...spec, onStart: (pid) => (session = pid) });
  const marks = { folders: [spec.cwd], sessions: [], exceptSessions: () => [session] };
  expect(await killLeftOver(marks, realClock)).toEqual({ killed: [], survivors: [] });
  stop.abort();
  expect((await running).exit).toEqual({ kind: "cancelled" });
});
