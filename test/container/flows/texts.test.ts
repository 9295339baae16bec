import { test } from "vitest";
import { emptyTranscript } from "../../../container/agents/transcript.ts";
import { lastWords, lastWordsOrReply } from "../../../container/flows/texts.ts";

const secret = "s3cret-token-value";
const redact = (text: string): string => text.replaceAll(secret, "***");
const endOf = (summary: string, stderr = "") => ({ stderr, transcript: { ...emptyTranscript, summary } });

test("a secret that the cut of a reply goes through is not shown by half", ({ expect }) => {
  const before = "x".repeat(690);
  expect(lastWordsOrReply(endOf(`${before}${secret} and more`), redact)).toBe(
    ` Agent output: ${before}*** and mo`,
  );
  const long = lastWordsOrReply(endOf(`${before}${secret}${"y".repeat(40_000)}`), redact);
  expect(long).toMatch(/^ Agent output: x{650,690}(?:\*{0,3}|\*{3}y{0,7})$/);
});

test("standard error goes before a reply, and nothing is said where there is neither", ({ expect }) => {
  expect(lastWordsOrReply(endOf("a reply", "no such host"), redact)).toBe(" Agent stderr: no such host");
  expect(lastWords({ stderr: `${"x".repeat(10)}${"y".repeat(700)}` })).toBe(
    ` Agent stderr: ${"y".repeat(700)}`,
  );
  expect(lastWordsOrReply(endOf(""), redact)).toBe("");
  expect(lastWords({ stderr: "" })).toBe("");
});
