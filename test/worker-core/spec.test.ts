import { describe, test } from "vitest";
import { compareSpecs } from "../../worker/execution/intake/spec.ts";

const spec = {
  jobId: "j",
  mode: "coding",
  ghToken: "old",
  repo: { owner: "o", name: "n" },
  extra: { a: 1, b: [2] },
};

describe("a later dispatch of a live job", () => {
  test("with the same content, keys in any order, differs in nothing", ({ expect }) => {
    const { extra, repo, ...rest } = spec;
    const offered = {
      extra: { b: extra.b, a: extra.a },
      ...rest,
      repo: { name: repo.name, owner: repo.owner },
    };
    expect(compareSpecs(JSON.stringify(spec), JSON.stringify(offered))).toStrictEqual({
      fields: [],
      refreshed: null,
    });
  });

  test("with new credentials replaces those and keeps the rest as it was stored", ({ expect }) => {
    const offered = { ...spec, ghToken: "new", sessionToken: "also new" };
    const { fields, refreshed } = compareSpecs(JSON.stringify(spec), JSON.stringify(offered));
    expect(fields).toStrictEqual([]);
    expect(JSON.parse(refreshed ?? "null")).toStrictEqual({
      ...spec,
      ghToken: "new",
      sessionToken: "also new",
    });
  });

  test("names the fields that differ, in order, and never a value", ({ expect }) => {
    const offered = { ...spec, mode: "explore", repo: { owner: "o", name: "secret" }, ghToken: "new" };
    const { fields, refreshed } = compareSpecs(JSON.stringify(spec), JSON.stringify(offered));
    expect(fields).toStrictEqual(["mode", "repo"]);
    expect(JSON.parse(refreshed ?? "null")).toStrictEqual({ ...spec, ghToken: "new" });
  });

  test("without a credential that is stored leaves it stored", ({ expect }) => {
    const { ghToken, ...offered } = spec;
    expect(ghToken).toBe("old");
    expect(compareSpecs(JSON.stringify(spec), JSON.stringify(offered)).refreshed).toBeNull();
  });

  test("that lacks or adds a field names it, and an array in another order is another", ({ expect }) => {
    const { extra, ...less } = spec;
    expect(compareSpecs(JSON.stringify(spec), JSON.stringify(less)).fields).toStrictEqual(["extra"]);
    expect(compareSpecs(JSON.stringify({ a: extra.b }), JSON.stringify({ a: [3, 2] })).fields).toStrictEqual([
      "a",
    ]);
  });
});
