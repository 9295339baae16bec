import { describe, test } from "vitest";
import { createRedactor, redact } from "../../../shared/redact.ts";
import { issued } from "./providers.ts";
import { tokens } from "./samples.ts";

/** Where tokens turn up in an agent's output; `%` is the token. */
const places: readonly string[] = [
  "%",
  "the step printed % and exited with code 1.",
  '{"type":"tool_result","content":"value is %"}',
  "> authorization: Bearer %",
  'declare -x CI_THING="%"',
  "+  value: %,",
  "https://x-access-token:%@github.com/o/a.git",
  "log line\\n%\\nnext",
  "?t=x%3D%",
  "\u001b[32m%\u001b[0m",
  "see %.",
];

const withToken = (place: string, token: string): string => place.replace(/%(?!3D)/, () => token);

describe("tokens that say what they are", () => {
  test.for([...tokens, ...issued])(
    "%s is masked wherever it stands, also in results",
    ([, token], { expect }) => {
      const { redactKnown } = createRedactor([]);
      const parts = Array.from({ length: token.length - 15 }, (_, at) => token.slice(at, at + 16));
      for (const place of places) {
        for (const out of [redact(withToken(place, token)), redactKnown(withToken(place, token))]) {
          expect(out).toContain("***");
          expect(parts.filter((part) => out.includes(part))).toEqual([]);
        }
      }
    },
  );

  test("a prefix inside another word is no token", ({ expect }) => {
    for (const text of [
      "fallthroughs_from_hook.append(",
      "task-runner-with-a-long-name-and-more",
      "--skip-pypi-packages-installation",
      'class="sk-loading-spinner-container"',
      "disk-usage-of-the-whole-machine",
      "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ]) {
      expect(redact(text)).toBe(text);
    }
  });
});
