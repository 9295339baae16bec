import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished, test } from "vitest";
import { harnessProgram, startProcess } from "../../bench/pieces/real-harness.ts";

/** What a module imports before it runs, and all that those do. */
function readAhead(file: string, seen = new Set<string>()): ReadonlySet<string> {
  seen.add(file);
  const imports = readFileSync(file, "utf8").matchAll(
    /^(?:import|export)\s+(?!type\b)[^;]*?from\s+"([^"]+)"|^import\s+"([^"]+)"/gm,
  );
  for (const [, from, bare] of imports) {
    const target = from ?? bare ?? "";
    const path = target.startsWith(".") ? join(dirname(file), target) : target;
    if (!seen.has(path) && target.startsWith(".")) readAhead(path, seen);
    seen.add(path);
  }
  return seen;
}

test("until somebody asks for more than its health, a harness has read no library", ({ expect }) => {
  const modules = [...readAhead(harnessProgram)];
  expect(modules).toContain(join(dirname(harnessProgram), "front-door.ts"));
  const libraries = modules.filter((name) => !name.startsWith("/") && !name.startsWith("node:"));
  expect(libraries).toEqual([]);
});

test("a probe is answered at the front door, and everything else by what is read behind it", async ({
  expect,
}) => {
  const harness = await startProcess({ args: [harnessProgram], env: { HARNESS_INSTANCE: "instance-0001" } });
  onTestFinished(() => harness.end());
  const health: unknown = await (await fetch(`${harness.url}/health`)).json();
  expect(health).toEqual({ status: "ok", boot: expect.any(String), instance: "instance-0001" });
  const asked = [["/"], ["/health", "HEAD"], ["/health?x"], ["/jobs/%ZZ"], ["/jobs/a"]] as const;
  const answers = await Promise.all(
    asked.map(([path, method = "GET"]) => fetch(harness.url + path, { method })),
  );
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 400, 404]);
  const posted = await fetch(`${harness.url}/jobs`, { method: "POST", body: "{" });
  expect([posted.status, await (await fetch(`${harness.url}/health`)).json()]).toEqual([400, health]);
});
