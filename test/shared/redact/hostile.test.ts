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
const tails = [
  "name: password\n",
  "<key>password</key>\n",
  'name="token" value=',
  "password is ",
  "echo a | docker login ",
  "--password-stdin ",
  "jdbc:oracle:thin:a/",
  "\u001b[31mtoken=",
  "\u001b[3",
  "\u200b",
  "Q~",
  ".atlasv1.",
  "-us",
];
const nearby = [
  "token,",
  "token | ",
  "token  ",
  'token("',
  "token ?? ",
  "token: |\n",
  '["token"]=>\n',
  '"token": { "value": "',
  "a is the key ",
  "echo a | chpasswd ",
  "unzip -P ",
  ":5432:a:a:",
  "Fe26.2*",
];
const long = [
  `${"a".repeat(390)}! is the key `,
  `token,${"a".repeat(300)} `,
  `password=/${"a".repeat(600)}! `,
  `token=${"aB".repeat(400)} `,
  `key=${"[0]".repeat(200)} `,
];

/** Repeated, each makes some rule begin a match at every occurrence. */
const hostile = [
  ...quoting,
  ...tokens,
  ...urls,
  ...headers,
  ...marks,
  ...tails,
  ...nearby,
  ...long,
  "token=/a",
  "secret=a.b",
];

/** Four times the text in sixteen times the time would be quadratic; in four times, linear. */
const maxGrowth = 9;
/** Below this the clock and the machine are measured and not the redactor. */
const leastMs = 2;
const longestChars = 64 * 1024;

/**
 * How much longer four times as much of a text takes; the best of some tries, since others use the machine too. What
 * costs more from some length on, once, is not quadratic: longer texts tell.
 */
function growthOf(unit: string, chars: number, redact: (text: string) => string): number {
  const text = unit.repeat(Math.ceil(chars / unit.length));
  const four = unit.repeat(4 * Math.ceil(chars / unit.length));
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 6 && best > maxGrowth; attempt += 1) {
    const once = cpuMs(() => redact(text));
    best = Math.min(best, cpuMs(() => redact(four)) / Math.max(once, leastMs));
  }
  if (best <= maxGrowth || chars >= longestChars) return best;
  return growthOf(unit, 4 * chars, redact);
}

function cpuMs(act: () => unknown): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe("hostile text", () => {
  test.for(hostile)("%j repeated is redacted in linear time", (unit, { expect }) => {
    const { redact } = createRedactor([`${unit.repeat(20)}x`.slice(0, 200)]);
    expect(growthOf(unit, 16 * 1024, redact)).toBeLessThan(maxGrowth);
  });

  test("known values in as many units are redacted in linear time", ({ expect }) => {
    const { redact } = createRedactor(["s3cr3t"]);
    expect(redact("<token>\ns3cr3t\n".repeat(2_000))).toBe("<token>\n***\n".repeat(2_000));
    expect(growthOf("<token>\ns3cr3t\n", 16 * 1024, redact)).toBeLessThan(maxGrowth);
  });

  test("text that arrives in single characters is redacted in linear time", ({ expect }) => {
    const { stream } = createRedactor(["s3cr3t"]);
    const streamed = (text: string): string => {
      const pieces = stream();
      return Array.from(text, (char) => pieces.write(char)).join("") + pieces.end();
    };
    for (const unit of ["a line of text\n", "<token>\n", "s3cr3t\n", "\u001b[3m"]) {
      expect(growthOf(unit, 4 * 1024, streamed)).toBeLessThan(maxGrowth);
    }
  });

  test("no mixture of it makes redaction slow", ({ expect }) => {
    const { redact } = createRedactor(["abcabcabd"]);
    const piece = fc.constantFrom(...hostile, "=", ":", " ", "@", "/", "secret", "abc", "x".repeat(100));
    const unit = fc.array(piece, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(unit, (part) => {
        expect(growthOf(part, 4 * 1024, redact)).toBeLessThan(maxGrowth);
      }),
      { numRuns: 60 },
    );
  });
});
