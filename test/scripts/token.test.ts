import { execa } from "execa";
import { createHash } from "node:crypto";
import { test } from "vitest";

const script = new URL("../../scripts/token.ts", import.meta.url).pathname;

function run(...args: readonly string[]) {
  return execa(process.execPath, [script, ...args], { reject: false });
}

test("a token is printed once with the entry that knows only its hash", async ({ expect }) => {
  const { stdout } = await run("ci", "read");
  const token = /^token: (holt_[A-Za-z0-9_-]{43})$/m.exec(stdout)?.[1] ?? "";
  const entry: unknown = JSON.parse(/^entry: (.*)$/m.exec(stdout)?.[1] ?? "");
  const sha256 = createHash("sha256").update(token).digest("hex");
  expect(entry).toEqual({ name: "ci", sha256, scopes: ["read"] });
  expect((await run("ci", "read")).stdout).not.toContain(token);
});

test("an unknown scope or an impossible name is refused with the usage", async ({ expect }) => {
  for (const args of [["ci", "admin"], ["no name"]]) {
    const { exitCode, stderr, stdout } = await run(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain("usage:");
  }
});
