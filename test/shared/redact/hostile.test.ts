import * as fc from "fast-check";
import { describe, test } from "vitest";
import { createRedactor } from "../../../shared/redact.ts";

const quoting = [
  "token",
  "token=",
  "token:",
  'token="',
  'token\\\\"',
  "key: ",
  '"key": "',
  "--token ",
  "password=a(",
];
const tokens = [
  "eyJ",
  "-eyJ",
  "eyJ.",
  "ghp_",
  "sk-",
  "xox",
  "-----BEGIN PRIVATE KEY-----",
  "1:",
  "1|",
  "a1",
  "A",
];
const urls = ["://", "a://b:", "a://b:@", "://@", "://a:b@"];
const headers = [
  "authorization: ",
  "bearer ",
  "cookie: a=",
  "cookie=a",
  "login a password ",
  "mysql ",
  "-u a:",
];
const marks = ["\n", "\\", '"', "'", "_", "-", ".", "a.", "${", "[", "\0", "***", "<token>\n", "<a>\n", " "];
const long = [`password=/${"a".repeat(600)}! `, `token=${"aB".repeat(400)} `, `key=${"[0]".repeat(200)} `];

/** Repeated, each makes some rule begin a match at every occurrence. */
const hostile = [...quoting, ...tokens, ...urls, ...headers, ...marks, ...long, "token=/a", "secret=a.b"];

/** A hundred times what it takes on a busy machine; a quadratic rule takes minutes, an exponential one for ever. */
const limitMs = 8_000;

describe("hostile text", () => {
  test.for(hostile)("128 KiB of %j are redacted in linear time", (unit, { expect }) => {
    const { redact } = createRedactor([`${unit.repeat(20)}x`.slice(0, 200)]);
    const text = unit.repeat(Math.ceil((128 * 1024) / unit.length));
    const from = performance.now();
    redact(text);
    expect(performance.now() - from).toBeLessThan(limitMs);
  });

  test("so many known values in so many units are redacted in linear time", ({ expect }) => {
    const { redact } = createRedactor(["s3cr3t"]);
    const from = performance.now();
    expect(redact("<token>\ns3cr3t\n".repeat(20_000))).toBe("<token>\n***\n".repeat(20_000));
    expect(performance.now() - from).toBeLessThan(limitMs);
  });

  test("no mixture of it makes redaction slow", ({ expect }) => {
    const { redact } = createRedactor(["abcabcabd"]);
    const piece = fc.constantFrom(...hostile, "=", ":", " ", "@", "/", "secret", "abc", "x".repeat(100));
    const unit = fc.array(piece, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(unit, (part) => {
        const from = performance.now();
        redact(part.repeat(Math.ceil((16 * 1024) / part.length)));
        expect(performance.now() - from).toBeLessThan(limitMs / 4);
      }),
      { numRuns: 150 },
    );
  });
});
