import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, test } from "vitest";
import { type BundleReport, verifyBundle } from "../../shared/bundle.ts";
import {
  type BundleCounts,
  type BundleFact,
  bundleEnd,
  bundleHeader,
  createBundleChain,
} from "../../shared/bundle/chain.ts";

const sha256 = (text: string): Promise<string> =>
  Promise.resolve(createHash("sha256").update(text, "utf8").digest("hex"));

const event = (cursor: number): BundleFact => ({
  kind: "event",
  event: { cursor, at: 1, kind: "note", jobId: "j", attempt: 1, instance: null, text: `naïve “${cursor}”` },
});
const gap = (from: number, to: number, count = to - from + 1): BundleFact => ({
  kind: "gap",
  gap: { from, to, count },
});
const exported: BundleFact = { kind: "export", at: 9, holt: "0.1.0", newest: 7 };
const job: BundleFact = { kind: "job", job: { id: "j" } };
const log = [event(1), event(2), gap(3, 5), event(6), event(7)];
const counts = { events: 4, gaps: 1, missing: 3, jobs: 1, cursor: 7 };

/** Lines of a bundle with these facts after its first, and a true last line unless another is wanted. */
async function makeLines(
  facts: readonly BundleFact[] = [...log, exported, job],
  end: Partial<BundleCounts> = {},
): Promise<readonly string[]> {
  const chain = createBundleChain(sha256);
  const lines = [await chain.add(bundleHeader("exec_1"))];
  let head = chain.head() ?? "";
  for (const fact of facts) {
    lines.push(await chain.add(fact));
    if (fact.kind === "event" || fact.kind === "gap") head = chain.head() ?? "";
  }
  lines.push(await chain.add(bundleEnd({ ...counts, head, ...end })));
  return lines;
}

const check = (lines: readonly string[], expected: readonly { cursor: number; head: string }[] = []) =>
  verifyBundle(lines, { sha256, expected });

test("a true bundle is told with its counts and the hash of its log", async ({ expect }) => {
  const lines = await makeLines();
  expect(await check(lines)).toEqual({
    ok: true,
    executionId: "exec_1",
    lines: 9,
    ...counts,
    head: await sha256(lines[5] ?? ""),
  });
});

test("each line names the SHA-256 of the bytes of the line before, the first none", async ({ expect }) => {
  const lines = await makeLines();
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1];
    expect(JSON.parse(line)).toMatchObject({ prev: before === undefined ? null : await sha256(before) });
  }
});

test("a log that is empty, or begins with a gap, is a true bundle too", async ({ expect }) => {
  const none = { events: 0, gaps: 0, missing: 0, jobs: 0, cursor: 0 };
  expect(await check(await makeLines([exported], none))).toMatchObject({ ok: true, cursor: 0 });
  const late = { events: 1, gaps: 1, missing: 4, jobs: 0, cursor: 5 };
  expect(await check(await makeLines([gap(1, 4), event(5), exported], late))).toMatchObject({ ok: true });
});

test("any line changed, removed, doubled, moved or put in is found", async ({ expect }) => {
  const lines = await makeLines();
  const place = fc.nat(lines.length - 1);
  const mutation = fc.oneof(
    fc.record({ kind: fc.constant("remove" as const), at: place }),
    fc.record({ kind: fc.constant("double" as const), at: place }),
    fc.record({ kind: fc.constant("move" as const), at: place, to: place }),
    fc.record({ kind: fc.constant("insert" as const), at: place, text: fc.string() }),
    fc.record({ kind: fc.constant("cut" as const), at: place, keep: fc.nat(400) }),
  );
  await fc.assert(
    fc.asyncProperty(mutation, async (change) => {
      const mutated = [...lines];
      const line = lines[change.at] ?? "";
      if (change.kind === "remove") mutated.splice(change.at, 1);
      if (change.kind === "double") mutated.splice(change.at, 0, line);
      if (change.kind === "insert") mutated.splice(change.at, 0, change.text);
      if (change.kind === "cut") mutated[change.at] = line.slice(0, change.keep);
      if (change.kind === "move") mutated.splice(change.to, 0, ...mutated.splice(change.at, 1));
      fc.pre(mutated.join("\n") !== lines.join("\n"));
      const { ok, problem } = await check(mutated);
      expect(ok).toBe(false);
      expect(problem?.line).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
});

test("every single character that is another is found", async ({ expect }) => {
  const text = (await makeLines()).join("\n");
  await fc.assert(
    fc.asyncProperty(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1 }), async (at, char) => {
      fc.pre(text[at] !== char);
      const mutated = `${text.slice(0, at)}${char}${text.slice(at + 1)}`;
      expect((await check(mutated.split("\n"))).ok).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});

describe("although its hashes are true", () => {
  const rows: ReadonlyArray<readonly [string, readonly BundleFact[], Partial<BundleCounts>, RegExp]> = [
    ["that skips a cursor", [event(1), event(3), exported], {}, /cursor 3 follows 1/],
    ["that repeats a cursor", [event(1), event(1), exported], {}, /cursor 1 follows 1/],
    ["whose gap counts too few", [event(1), gap(2, 5, 3), exported], {}, /gap does not count/],
    ["whose gap leaves a hole", [event(1), gap(3, 5), exported], {}, /gap does not count/],
    ["whose gap is none", [event(1), gap(2, 1), exported], {}, /no line of a bundle|gap does not count/],
    ["with two gaps in a row", [gap(1, 2), gap(3, 4), exported], {}, /cannot stand after 'gap'/],
    ["with a job among its log", [event(1), job, exported], {}, /'job' cannot stand after 'event'/],
    ["with an event after its jobs", [...log, exported, job, event(8)], {}, /cannot stand after 'job'/],
    ["that never says when it was exported", [...log], {}, /'end' cannot stand after 'event'/],
    ["with two beginnings", [bundleHeader("exec_1"), exported], {}, /no line of a bundle/],
    ["that counts its events wrong", [...log, exported, job], { events: 5 }, /does not count what was read/],
    [
      "that counts what is missing wrong",
      [...log, exported, job],
      { missing: 2 },
      /does not count what was read/,
    ],
    [
      "that names another head",
      [...log, exported, job],
      { head: "0".repeat(64) },
      /does not count what was read/,
    ],
  ];
  for (const [why, facts, end, problem] of rows) {
    test(`a bundle ${why} is refused`, async ({ expect }) => {
      expect((await check(await makeLines(facts, end))).problem?.text).toMatch(problem);
    });
  }
});

test("what a later version adds to a line is no matter, as far as the hashes cover it", async ({
  expect,
}) => {
  const more = { ...exported, addedTomorrow: 1 };
  expect(await check(await makeLines([...log, more, job]))).toMatchObject({ ok: true });
});

test("a head kept elsewhere tells a bundle that was written anew from the true one", async ({ expect }) => {
  const lines = await makeLines();
  const at = (cursor: number, index: number): Promise<{ cursor: number; head: string }> =>
    sha256(lines[index] ?? "").then((head) => ({ cursor, head }));
  const kept = [await at(2, 2), await at(7, 5)];
  expect(await check(lines, kept)).toMatchObject({ ok: true });
  expect(await check(lines, [await at(5, 3)])).toMatchObject({ ok: true });
  const forged = await makeLines([event(1), event(2), gap(3, 5), event(6), gap(7, 7), exported, job], {
    events: 3,
    gaps: 2,
    missing: 4,
  });
  expect((await check(forged)).ok).toBe(true);
  const found: BundleReport = await check(forged, kept);
  expect(found).toMatchObject({ ok: false, problem: { line: 6, text: expect.stringMatching(/cursor 7/) } });
  expect((await check(lines, [{ cursor: 4, head: "0".repeat(64) }])).problem?.text).toMatch(
    /not in the bundle/,
  );
});

test("nothing at all is no bundle, nor is what ends early", async ({ expect }) => {
  expect((await check([])).problem).toEqual({ line: 1, text: expect.stringMatching(/ends without/) });
  const lines = await makeLines();
  expect((await check(lines.slice(0, -1))).problem).toMatchObject({ line: 9 });
});

test("a bundle of nested brackets or of nonsense is refused and crashes nothing", async ({ expect }) => {
  for (const text of [
    "[".repeat(200_000),
    '{"kind":"event"}',
    "null",
    "",
    '{"__proto__":{"kind":"bundle"}}',
  ]) {
    expect(await check([text])).toMatchObject({ ok: false, problem: { line: 1 } });
  }
});
