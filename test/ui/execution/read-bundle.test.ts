import { createHash } from "node:crypto";
import { test } from "vitest";
import { bundleEnd, type BundleFact, bundleHeader, createBundleChain } from "../../../shared/bundle/chain.ts";
import { checkBundle } from "../../../worker/ui/execution/bundle/read-bundle.ts";
import { event } from "./build.ts";

const sha256 = async (text: string): Promise<string> => createHash("sha256").update(text).digest("hex");

async function bundle() {
  const chain = createBundleChain(sha256);
  const log: readonly BundleFact[] = [
    { kind: "event", event: { ...event("phase", 0, { phase: "agent" }), cursor: 1 } },
    { kind: "gap", gap: { from: 2, to: 5, count: 4 } },
    { kind: "event", event: { ...event("terminal", 1), cursor: 6 } },
  ];
  const lines = [await chain.add(bundleHeader("e_1"))];
  for (const fact of log) lines.push(await chain.add(fact));
  const head = chain.head() ?? "";
  lines.push(await chain.add({ kind: "export", at: 9, holt: "0.1.0", newest: 6 }));
  lines.push(await chain.add({ kind: "job", job: { id: "e_1-coder" } }));
  const counts = { events: 2, gaps: 1, missing: 4, jobs: 1, cursor: 6, head };
  lines.push(await chain.add(bundleEnd(counts)));
  return { text: `${lines.join("\n")}\n`, head };
}

test("a bundle as the server writes it is whole, and agrees with what an ended job's view says of it", async ({
  expect,
}) => {
  const { text, head } = await bundle();
  expect(await checkBundle(text, { heads: [{ cursor: 6, head }], sha256 })).toMatchObject({
    ok: true,
    events: 2,
    gaps: 1,
    missing: 4,
    jobs: 1,
  });
});

test("one that was changed, cut, or is none is not", async ({ expect }) => {
  const { text, head } = await bundle();
  const other = "0".repeat(64);
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["changed", text.replace("agent", "push!"), /not the one that this one names/],
    ["cut", text.split("\n").slice(0, -2).join("\n"), /without its last line/],
    ["a page of another kind", "<!doctype html>", /no line of a bundle/],
    ["an event without its cursor", text.replace('"cursor":1', '"cursor":"1"'), /no line of a bundle/],
    ["a kind of the prototype", '{"prev":null,"kind":"constructor"}', /no line of a bundle/],
    ["empty", "", /no line of a bundle/],
  ];
  for (const [name, broken, problem] of cases) {
    const report = await checkBundle(broken, { heads: [{ cursor: 6, head }], sha256 });
    expect(report.ok, name).toBe(false);
    expect(report.problem?.text, name).toMatch(problem);
  }
  const written = await checkBundle(text, { heads: [{ cursor: 6, head: other }], sha256 });
  expect(written.problem?.text).toMatch(/another hash than was kept/);
});
