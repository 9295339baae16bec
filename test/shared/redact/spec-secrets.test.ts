import { describe, test } from "vitest";
import { secretsOfSpec } from "../../../shared/redact.ts";
import { noise } from "./samples.ts";

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
