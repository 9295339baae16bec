import { describe, test } from "vitest";
import { createRedactor, secretsOfSpec } from "../../../shared/redact.ts";
import { base64, noise } from "./samples.ts";

describe("credentials of a job body", () => {
  test("tokens are collected, whether or not the body is valid", ({ expect }) => {
    const spec = {
      mode: 7,
      ghToken: "gh-one",
      sessionToken: "session-two",
      subscriptionToken: "sub-three",
      model: "m",
    };
    expect(new Set(secretsOfSpec(spec))).toEqual(new Set(["gh-one", "session-two", "sub-three"]));
  });

  test("a login file gives its tokens and not its addresses and types", ({ expect }) => {
    const login = {
      type: "service_account",
      token_uri: "https://oauth2.googleapis.com/token",
      OPENAI_API_KEY: null,
      tokens: { access_token: noise(60, 1), refresh_token: "short-r", account_id: noise(20, 2) },
      list: [[noise(30, 3)]],
    };
    const text = JSON.stringify(login, null, 2);
    const secrets = secretsOfSpec({ subscriptionToken: text });
    expect(new Set(secrets)).toEqual(new Set([text, noise(60, 1), "short-r", noise(20, 2), noise(30, 3)]));
  });

  test("a service account loses its key in every layout, and nothing that others may know", ({ expect }) => {
    const lines = [noise(64, 5), noise(64, 6), noise(40, 7)];
    const key = `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
    const account = {
      type: "service_account",
      project_id: "acme-prod-12",
      private_key_id: noise(40, 8).toLowerCase(),
      private_key: key,
      client_email: "svc-12@acme-prod-12.iam.example.com",
      token_uri: "https://oauth2.example.com/token",
      universe_domain: "example.com",
    };
    const text = JSON.stringify(account);
    const { redactKnown } = createRedactor(secretsOfSpec({ subscriptionToken: text }));
    const indented = JSON.stringify(account, null, 2);
    const layouts = [text, indented, JSON.stringify(indented), base64(text), base64(indented), key];
    for (const layout of [...layouts, ...lines, lines.map((line) => `12:00 out | ${line}`).join("\n")]) {
      const out = redactKnown(layout);
      for (const line of lines) {
        expect(out).not.toContain(line.slice(0, 24));
        expect(out).not.toContain(base64(line).slice(4, 40));
      }
    }
    const told = "service_account of acme-prod-12 at storage.example.com";
    expect(redactKnown(told)).toBe(told);
  });

  test("user information of URLs is collected wherever they stand, as written and decoded", ({ expect }) => {
    const spec = {
      repo: { cloneUrl: "https://user:p%40ss-word@github.com/o/a.git" },
      list: [{ deep: "postgres://u:h%C3%A9llo-w@db/x" }, "https://token-as-user@host/"],
      plain: "mail a@b.example about https://github.com/o/a",
    };
    const secrets = secretsOfSpec(spec);
    expect(secrets).toEqual(expect.arrayContaining(["p%40ss-word", "p@ss-word", "héllo-w", "token-as-user"]));
    expect(secrets.every((secret) => !secret.includes("github.com") && !secret.includes(" "))).toBe(true);
  });

  test("no shape of a body makes it throw", ({ expect }) => {
    let deep: unknown = { ghToken: "at-the-bottom" };
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
    expect(secretsOfSpec(deep)).toEqual(["at-the-bottom"]);
    const wide = { ghToken: "beside-many", many: Array.from({ length: 500_000 }, () => 0) };
    expect(secretsOfSpec(wide)).toEqual(["beside-many"]);
    for (const spec of [null, undefined, 1, "text", [], { ghToken: 5, subscriptionToken: "{" }]) {
      expect(secretsOfSpec(spec).filter((secret) => secret !== "{")).toEqual([]);
    }
    expect(secretsOfSpec(JSON.parse('{"__proto__":{"ghToken":"own-field"}}'))).toEqual(["own-field"]);
  });
});
