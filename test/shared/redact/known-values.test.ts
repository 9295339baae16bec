import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, test } from "vitest";
import { createRedactor } from "../../../shared/redact.ts";
import { base64, noise } from "./samples.ts";

const json = (value: string): string => JSON.stringify(value).slice(1, -1);
const xml = (value: string): string =>
  value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** As Go's encoder writes it. */
const htmlSafe = (value: string): string =>
  json(value).replaceAll(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
/** As .NET's encoder writes it. */
const wordyJson = (value: string): string =>
  Array.from({ length: value.length }, (_, at) => value.charAt(at))
    .map((char) => {
      const isSpelled = /["&'+<>`]|[^ -~]/.test(char);
      return isSpelled ? `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}` : json(char);
    })
    .join("");

function withPassword(value: string): URL {
  const url = new URL("http://host/");
  url.password = value;
  return url;
}

/** How tools write a value; each returns the value's own written form. */
const encodings: ReadonlyArray<readonly [name: string, encode: (value: string) => string]> = [
  ["raw", (value) => value],
  ["percent-encoded", (value) => encodeURIComponent(value)],
  [
    "percent-encoded in lower case",
    (value) => encodeURIComponent(value).replaceAll(/%../g, (code) => code.toLowerCase()),
  ],
  ["form-encoded", (value) => new URLSearchParams({ v: value }).toString().slice(2)],
  ["base64", base64],
  ["base64 behind one byte", (value) => base64(`:${value}`).slice(2)],
  ["base64 behind two bytes", (value) => base64(`a:${value}`).slice(3)],
  ["base64url", (value) => Buffer.from(value).toString("base64url")],
  ["base64 of git's basic credential", (value) => base64(`x-access-token:${value}`).slice(20)],
  ["hex", (value) => Buffer.from(value).toString("hex")],
  ["upper-case hex", (value) => Buffer.from(value).toString("hex").toUpperCase()],
  ["JSON", json],
  ["JSON in JSON", (value) => json(json(value))],
  ["JSON in JSON in JSON", (value) => json(json(json(value)))],
  ["JSON that is safe in HTML", htmlSafe],
  ["JSON that is safe in HTML, in JSON", (value) => json(htmlSafe(value))],
  ["JSON that spells what is not of a word", wordyJson],
  ["XML", xml],
  ["a URL's user information", (value) => withPassword(value).password],
  ["inspect", (value) => inspect(value).slice(1, -1)],
  ["a shell's quotes", (value) => value.replaceAll("'", String.raw`'\''`)],
  ["a shell's double quotes", (value) => value.replaceAll(/["\\$`]/g, String.raw`\$&`)],
  ["SQL", (value) => value.replaceAll("'", "''")],
  ["CSV", (value) => value.replaceAll('"', '""')],
];

const secretUnit = fc.constantFrom(..."abcXYZ0189abcXYZ0189+/=\"\\<>&'`$~!@: %é€".split(""), "😀");
const secret = fc
  .string({ unit: secretUnit, minLength: 12, maxLength: 60 })
  .filter((value) => value.trim() === value && !value.includes("  "));
const filler = fc.string({ unit: fc.constantFrom(..."mno =:\"'\n,{}*".split("")), maxLength: 40 });

describe("known values", () => {
  test.for(encodings)("invariant 10: a known value never survives %s", ([, encode], { expect }) => {
    fc.assert(
      fc.property(secret, filler, filler, (value, before, after) => {
        const planted = encode(value);
        const { redact, redactKnown } = createRedactor([value]);
        for (const out of [redact(before + planted + after), redactKnown(before + planted + after)]) {
          // What the border shares with its neighbours in base64 is no more than a character at either end.
          expect(out).not.toContain(planted.slice(2, -4));
          expect(out).toContain("***");
        }
      }),
      { numRuns: 150 },
    );
  });

  test("the longer of two values that begin alike is masked whole", ({ expect }) => {
    const { redactKnown } = createRedactor(["abcdef123456", "abcdef123456-REST"]);
    expect(redactKnown("x abcdef123456-REST y abcdef123456 z")).toBe("x *** y *** z");
  });

  test("a value with spaces is masked whole, whatever name stands before it", ({ expect }) => {
    const { redact } = createRedactor(["correct horse battery staple"]);
    expect(redact("DB_PASSWORD=correct horse battery staple\n")).toBe("DB_PASSWORD=***\n");
  });

  test("overlapping values leave nothing of either", ({ expect }) => {
    const { redactKnown } = createRedactor(["abcdefgh", "efghijkl"]);
    expect(redactKnown("-abcdefghijkl-")).toBe("-***-");
  });

  test("each long line of a value of several lines is a secret of its own", ({ expect }) => {
    const [first, second] = [noise(64, 1), noise(64, 2)];
    const { redactKnown } = createRedactor([`${first}\n${second}\n`]);
    expect(redactKnown(`[log] ${first}\r\n[log] ${second}`)).toBe("[log] ***\r\n[log] ***");
    expect(redactKnown(`${first}\n${second}`)).toBe("***");
  });

  test("git's header is masked in what it prints", ({ expect }) => {
    const token = noise(40);
    const { redactKnown } = createRedactor([token]);
    const out = redactKnown(`AUTHORIZATION: basic ${base64(`x-access-token:${token}`)}`);
    expect(out).toBe("AUTHORIZATION: basic ***");
  });

  test("a value that was cut leaves less than eight characters", ({ expect }) => {
    const value = noise(40, 6);
    const { redactKnown } = createRedactor([value]);
    for (let cut = 1; cut <= value.length - 24; cut += 1) {
      for (const part of [value.slice(cut), value.slice(0, -cut)]) {
        const [before = "", after = ""] = redactKnown(`<${part}>`).split("***");
        expect(before.length + after.length).toBeLessThan("<>".length + 8);
      }
    }
    expect(redactKnown(`a ${value.slice(0, 12)} b`)).toContain(value.slice(0, 12));
  });

  test("colours and unseen characters inside a value do not hide it, however the text arrives", ({
    expect,
  }) => {
    const value = noise(24, 7);
    const redactor = createRedactor([value]);
    const [begin, rest] = [value.slice(0, 5), value.slice(5)];
    const text = `a \u001b[1;31m${begin}\u001b[0m${rest} \u001b[3b ${begin}\u200b${rest} c`;
    const out = "a \u001b[1;31m*** \u001b[3b *** c";
    for (let first = 0; first <= text.length; first += 1) {
      for (let second = first; second <= text.length; second += 1) {
        const stream = redactor.stream();
        const pieces = [text.slice(0, first), text.slice(first, second), text.slice(second)];
        expect(pieces.map((piece) => stream.write(piece)).join("") + stream.end()).toBe(out);
      }
    }
  });

  test("values too short to be told from text are left", ({ expect }) => {
    expect(createRedactor(["main", ""]).redact("on branch main")).toBe("on branch main");
  });
});
