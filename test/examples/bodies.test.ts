import { test } from "vitest";
import { fieldsWithoutEffect, parseJobBody } from "../../shared/job-body.ts";
import { keysOf, readExample, readExampleFile, roles, shapeOf } from "./examples.ts";

const allowedHosts = ["git.example.com"];

for (const role of roles) {
  const { body, text, result } = readExample(role);

  test(`the harness takes the ${role}'s body as it stands, and has a use for each of its fields`, ({
    expect,
  }) => {
    const parsed = parseJobBody(body, { allowedHosts });
    expect(parsed).toMatchObject({ ok: true, warnings: [] });
    expect(parsed.ok && fieldsWithoutEffect(parsed.job)).toEqual([]);
  });

  test(`the ${role}'s files hold no secret, and no address but examples`, ({ expect }) => {
    const all = text + JSON.stringify(result);
    const hosts = [...all.matchAll(/https?:\/\/([^/\s"`:]+)/g)].map(([, host]) => host);
    expect(hosts.filter((host) => host !== "localhost" && !host?.endsWith(".example.com"))).toEqual([]);
    const secrets = [...text.matchAll(/"(?:ghToken|sessionToken|subscriptionToken)": "([^"]*)"/g)];
    expect(secrets).toHaveLength(2);
    for (const [, secret] of secrets) expect(secret).toMatch(/^<[A-Z_]+>$/);
  });

  test(`the ${role}'s example answer has the shape that is asked for, in the words of its prompt`, ({
    expect,
  }) => {
    const shape = shapeOf(body);
    expect(result.error).toBeUndefined();
    expect(result.stats?.assistantChars).toBe(result.summary?.length);
    expect(shape === null).toBe(result["custom"] === undefined);
    if (shape === null) return;
    expect(shape.safeParse(result["custom"]).error).toBeUndefined();
    expect(shape.safeParse({}).success).toBe(false);
    for (const key of keysOf(body)) expect(body.systemPrompt).toContain(`\`${key}\``);
  });

  test(`the ${role} is explained`, ({ expect }) => {
    const page = readExampleFile("README.md");
    expect(page).toContain(`| [${role}](roles/${role}/dispatch.json) |`);
    expect(page).toContain(`[result](roles/${role}/result.json)`);
  });
}
