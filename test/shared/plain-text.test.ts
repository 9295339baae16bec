import { test } from "vitest";
import { toPlainJson, toPlainLine, toPlainText } from "../../shared/plain-text.ts";

test.for<[name: string, text: string, plain: string]>([
  ["colours", "a \u001B[1;31mred\u001B[0m b", "a red b"],
  ["moves of the cursor and a cleared screen", "\u001B[2J\u001B[1;1Hhome", "home"],
  ["a title, ended by a bell", "\u001B]0;owned\u0007text", "text"],
  ["a hyperlink, ended by a string terminator", "\u001B]8;;http://x\u001B\\link\u001B]8;;\u001B\\", "link"],
  ["a device control string", "a\u001BPq#0;2;0\u001B\\b", "ab"],
  ["the one-byte forms", "\u009B31mred\u009D0;title\u009Cx", "redx"],
  ["a string without an end", "\u001B]0;never ended", "0;never ended"],
  ["a reset", "\u001Bcreset", "reset"],
  ["a bare escape and other controls", "a\u001B\u0000\u0008\u007Fb", "ab"],
  ["marks that turn text round", "user\u202Etxt.exe\u202C\u2066x\u2069\u200F", "usertxt.exex"],
  ["characters nobody sees", "a\u{E0041}\u{E007F}b", "ab"],
  ["half a pair", "a\uD800b", "ab"],
  ["line breaks of every kind", "a\r\nb\rc\u0085d\u2028e\tf", "a\nb\nc\nd\ne\tf"],
  ["letters, combining marks and emoji", "né 漢字 👩‍💻", "né 漢字 👩‍💻"],
])("plain text of %s", ([, text, plain], { expect }) => {
  expect(toPlainText(text)).toBe(plain);
});

test("a line is one line, and is cut between characters", ({ expect }) => {
  expect(toPlainLine(" a\n\tb  c \r\n")).toBe("a b c");
  expect(toPlainLine("ab👩cd", 3)).toBe("ab …");
  expect(toPlainLine("abc", 3)).toBe("abc");
});

test("openings without an end take linear time", { timeout: 5_000 }, ({ expect }) => {
  expect(toPlainText("\u001B]".repeat(2_000_000))).toBe("");
  expect(toPlainText("\u001B[".repeat(2_000_000)).length).toBeLessThan(10);
});

test("printed JSON has the same value, and nothing in it that a terminal obeys", ({ expect }) => {
  const value = { text: "\u001B[31m\u009B2J\u202Eevil\u2028\u007F漢" };
  const json = toPlainJson(value);
  expect(JSON.parse(json)).toEqual(value);
  expect(json).toBe(String.raw`{"text":"\u001b[31m\u009b2J\u202eevil\u2028\u007f漢"}`);
});
