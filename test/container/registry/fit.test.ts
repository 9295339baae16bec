import { test } from "vitest";
import {
  fitFollowUp,
  fitProgress,
  fitText,
  fitUsage,
  fitWord,
  redactTerminal,
} from "../../../container/registry/fit.ts";
import { createSecrets } from "../../../container/secrets.ts";
import { HarnessEvent } from "../../../shared/events.ts";
import { Limits } from "../../../shared/limits.ts";

/** Counts the characters that are looked at. */
function countingRedactor() {
  let readChars = 0;
  const redact = (text: string): string => {
    readChars += text.length;
    return text;
  };
  return { redact, readChars: () => readChars };
}

const endless = "key: ".repeat(1_600_000);

test("of a text that is cut only the head is redacted, and the mark counts all of it", ({ expect }) => {
  const counting = countingRedactor();
  expect(fitText(endless, counting.redact)).toMatch(/ \(7983616 more characters\)$/);
  expect(counting.readChars()).toBeLessThan(64 * 1024);
  expect(fitWord(endless, 200, counting.redact)).toHaveLength(200);
  expect(counting.readChars()).toBeLessThan(128 * 1024);
});

test("a result of megabytes is redacted no further than a result may reach", ({ expect }) => {
  const counting = countingRedactor();
  redactTerminal({ state: "done", result: { summary: endless } }, counting.redact, counting.redact);
  expect(counting.readChars()).toBeLessThan(Limits.resultBytes + 64 * 1024);
});

test("the error of a result is redacted like any error, its other texts as the answer they are", ({
  expect,
}) => {
  const text = "DB_PASSWORD=hunter2";
  const { result } = redactTerminal(
    { state: "done", result: { summary: text, error: text } },
    (given) => given.replaceAll("hunter2", "***"),
    (given) => given,
  );
  expect(result).toEqual({ summary: text, error: "DB_PASSWORD=***" });
});

test("invariant 10: a secret in the keys of a result leaves it as one in its texts does", ({ expect }) => {
  const secrets = createSecrets();
  secrets.add("job", ["known-0123456789"]);
  const custom = { "of known-0123456789": [{ "known-0123456789": "known-0123456789" }], plain: 1 };
  const { result } = redactTerminal(
    { state: "done", result: { custom } },
    secrets.redact,
    secrets.redactKnown,
  );
  expect(result).toEqual({ custom: { "of ***": [{ "***": "***" }], plain: 1 } });
});

test("a list of endless labels is redacted no further than a list may reach", ({ expect }) => {
  const counting = countingRedactor();
  const items = Array.from({ length: 200 }, () => ({ label: "key: ".repeat(8_000), status: "pending" }));
  const progress = { completed: 0, inProgress: 0, total: 200, items };
  expect(fitProgress(progress, counting.redact)).toMatchObject({ total: 200 });
  expect(counting.readChars()).toBeLessThan(Limits.beatBytes);
});

test("half a secret where the reading ends is not shown, however much of the text is masked", ({
  expect,
}) => {
  const secret = `known-${"0123456789abcdef".repeat(64)}`;
  const secrets = createSecrets();
  secrets.add("job", [secret]);
  for (let before = 0; before < 40; before += 1) {
    const text = `${"-".repeat(before * 37)}${`${secret} `.repeat(200)}`;
    const shown = [
      fitText(text, secrets.redact),
      fitWord(text, 500, secrets.redact),
      JSON.stringify(
        fitProgress(
          { completed: 0, inProgress: 0, total: 1, items: [{ label: text, status: "" }] },
          secrets.redact,
        ),
      ),
    ].join("");
    expect(shown).not.toContain("known-0123");
  }
});

test("a count beyond all counting is still one that an event may have", ({ expect }) => {
  const counts = { inputTokens: 1e300, cacheReadTokens: Infinity, cacheWriteTokens: -1, outputTokens: 1.5 };
  const usage = fitUsage(counts, (text) => text);
  expect(HarnessEvent.safeParse({ seq: 1, at: 1, kind: "usage", ...usage }).success).toBe(true);
});

test("a title is cut at 300 characters, between characters, after secrets have left it", ({ expect }) => {
  const secret = "ghs_test-token_0123456789";
  const redact = (text: string): string => text.replaceAll(secret, "***");
  const titleOf = (title: string): string =>
    fitFollowUp({ kind: "question", title, detail: "" }, redact).title;
  expect(titleOf("x".repeat(301))).toBe("x".repeat(300));
  expect(titleOf(`${"x".repeat(299)}😀`)).toBe("x".repeat(299));
  expect(titleOf(`${"x".repeat(298)}😀`)).toBe(`${"x".repeat(298)}😀`);
  expect(titleOf(`${"x".repeat(290)} ${secret}`)).toBe(`${"x".repeat(290)} ***`);
});
