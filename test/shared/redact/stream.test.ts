import * as fc from "fast-check";
import { describe, test } from "vitest";
import { createRedactor } from "../../../shared/redact.ts";
import { noise, tokens } from "./samples.ts";

const known = [`line one of it\n${noise(24, 9)}\r\nand three`, "s3cr3t/val+ue", "aaaaaab"] as const;
const pem = (kind: string): string =>
  `-----BEGIN ${kind}PRIVATE KEY-----\n${noise(64, 3)}\n${noise(64, 4)}\n-----END ${kind}PRIVATE KEY-----`;

/** Stretches that begin, continue or end something that may be a secret. */
const words = [
  "password=",
  '"token": "',
  "Authorization: Bearer ",
  "https://u:",
  "@host/",
  "hunter2!",
  "cookie: sid=",
];
const marks = ['"', "'", " ", "\n", "\r\n", "***", "*", "\\n", '\\"', "é😀", "x".repeat(50)];
const lines = [
  "key: value",
  "input_tokens: 48213",
  "--password ",
  "<password>\n",
  "</password>",
  "aaaaa",
  "s3cr3t",
];
const keys = [pem(""), pem("RSA "), "-----BEGIN PRIVATE KEY-----\n"];
const fragment = fc.constantFrom(
  ...known,
  ...tokens.map(([, token]) => token),
  ...words,
  ...marks,
  ...lines,
  ...keys,
);
const text = fc.array(fragment, { maxLength: 14 }).map((parts) => parts.join(""));
const redactor = createRedactor(known);

function streamed(chunks: readonly string[]): string {
  const stream = redactor.stream();
  return chunks.map((chunk) => stream.write(chunk)).join("") + stream.end();
}

describe("redacting a stream", () => {
  test("every cut in two of a text gives what the whole gives", ({ expect }) => {
    fc.assert(
      fc.property(text, (whole) => {
        const cuts = Array.from({ length: whole.length + 1 }, (_, cut) => cut);
        const outs = new Set(cuts.map((cut) => streamed([whole.slice(0, cut), whole.slice(cut)])));
        expect([...outs]).toEqual([redactor.redact(whole)]);
      }),
      { numRuns: 150 },
    );
  });

  test("single characters give what the whole gives", ({ expect }) => {
    fc.assert(
      fc.property(text, (whole) => {
        expect(streamed(Array.from({ length: whole.length }, (_, at) => whole[at] ?? ""))).toBe(
          redactor.redact(whole),
        );
      }),
      { numRuns: 100 },
    );
  });

  test("redacting twice changes nothing", ({ expect }) => {
    fc.assert(
      fc.property(text, (whole) => {
        const once = redactor.redact(whole);
        expect(redactor.redact(once)).toBe(once);
        const results = redactor.redactKnown(whole);
        expect(redactor.redactKnown(results)).toBe(results);
      }),
      { numRuns: 2_000 },
    );
  });

  test("redacting twice changes nothing where a known value of several lines follows a marker without a key", ({
    expect,
  }) => {
    const once = redactor.redact(`-----BEGIN PRIVATE KEY-----\n\n\n${known[0]}${"x".repeat(50)}`);
    expect(once).toBe(`-----BEGIN PRIVATE KEY-----\n\n\n***${"x".repeat(50)}`);
    expect(redactor.redact(once)).toBe(once);
  });

  test("a complete line that may not begin a secret is given out at once", ({ expect }) => {
    const stream = redactor.stream();
    expect(stream.write("hello\n")).toBe("hello\n");
    expect(stream.write("wor")).toBe("");
    expect(stream.write("ld\nline one")).toBe("world\n");
    expect(stream.write(" is no secret\nbut line one of it")).toBe("line one is no secret\n");
    expect(stream.write("self is\n")).toBe("but line one of itself is\n");
    expect(stream.end()).toBe("");
  });

  test("a line in which a known value may have begun is held until that is decided", ({ expect }) => {
    const stream = redactor.stream();
    const [value] = known;
    expect(stream.write("see line one of it\n")).toBe("");
    expect(stream.write(value.slice("line one of it\n".length))).toBe("");
    expect(stream.end()).toBe("see ***");
  });

  test("a private key is masked over its lines, and what follows is text again", ({ expect }) => {
    const pieces = `before\n${pem("EC ")}\nafter\n`.split(/(?<=\n)/);
    expect(streamed(pieces)).toBe("before\n***\nafter\n");
  });

  test("a line without end is given out in bounded pieces", ({ expect }) => {
    const stream = redactor.stream();
    const line = "word ".repeat(60_000);
    const early = stream.write(line);
    expect(line.length - early.length).toBeLessThanOrEqual(64 * 1024);
    expect(early + stream.end()).toBe(line);
    expect(streamed([line.slice(0, 70_001), line.slice(70_001)])).toBe(redactor.redact(line));
  });

  test("a private key without end does not swallow the rest of the text", ({ expect }) => {
    const after = "plain text\n".repeat(20_000);
    const out = redactor.redact(`-----BEGIN PRIVATE KEY-----\n${noise(64)}\n${after}`);
    expect(out.startsWith("***")).toBe(true);
    expect(out.endsWith("plain text\nplain text\n")).toBe(true);
  });
});
