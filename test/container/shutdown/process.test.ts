import { join } from "node:path";
import { execa } from "execa";
import { test } from "vitest";

const main = join(import.meta.dirname, "../../../container/main.ts");

/** The real program on a free port; resolves once it says that it listens. */
async function startProgram(env: Readonly<Record<string, string>> = {}) {
  const child = execa("node", [main], {
    env: { PORT: "0", ...env },
    reject: false,
    forceKillAfterDelay: 10_000,
  });
  const listening = Promise.withResolvers<string>();
  child.stdout.on("data", (chunk) => {
    const port = /^executor-harness listening on :(\d+)$/m.exec(String(chunk))?.[1];
    if (port !== undefined) listening.resolve(`http://127.0.0.1:${port}`);
  });
  return { child, url: await listening.promise };
}

test("the program listens, answers health, and ends with 143 at SIGTERM", async ({ expect }) => {
  const { child, url } = await startProgram({ HARNESS_INSTANCE: "instance-0001" });
  const response = await fetch(`${url}/health`);
  expect(await response.json()).toMatchObject({ status: "ok", instance: "instance-0001" });
  child.kill("SIGTERM");
  expect((await child).exitCode).toBe(143);
});

test("the program keeps its secret out of the environment that children get", async ({ expect }) => {
  const secret = "s3cret-of-the-harness";
  const { child, url } = await startProgram({ HARNESS_SHARED_SECRET: secret });
  expect((await fetch(`${url}/jobs/a`)).status).toBe(401);
  expect((await fetch(`${url}/jobs/a`, { headers: { "x-harness-secret": secret } })).status).toBe(404);
  child.kill("SIGINT");
  const { exitCode, stdout, stderr } = await child;
  expect(exitCode).toBe(130);
  expect(stdout + stderr).not.toContain(secret);
});

test("a program without a secret says who may speak to it", async ({ expect }) => {
  const { child } = await startProgram({ HARNESS_SHARED_SECRET: "" });
  child.kill("SIGTERM");
  expect((await child).stderr).toContain(
    "HARNESS_SHARED_SECRET is not set: everything on this machine, agents",
  );
});
