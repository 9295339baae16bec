import { type OutcomeCode, type OutcomeMeaning, Outcomes } from "./outcomes.ts";

type Told = {
  readonly codes: ReadonlySet<OutcomeCode>;
  /** Of git, curl, Node and the kernel, as they word it. */
  readonly pattern: RegExp;
  readonly meaning: OutcomeMeaning;
};

/** What an error tells of whose doing it was, where its code alone would name another. The first that matches holds. */
const told: readonly Told[] = [
  {
    codes: new Set(["git-failed", "agent-failed", "api-failed"]),
    pattern: /no space left on device|\bENOSPC\b|disk quota exceeded/i,
    meaning: {
      retryable: true,
      blame: "platform",
      next: "The container's disk was full; dispatch again with a larger instance.",
    },
  },
  {
    codes: new Set(["git-failed"]),
    pattern:
      /returned error: 5\d\d|HTTP 5\d\d|could not resolve host|failed to connect to|connection (?:refused|reset|timed out)|remote end hung up/i,
    meaning: {
      retryable: true,
      blame: "provider",
      next: "The git host did not answer as it should; dispatch again when it does.",
    },
  },
];

/** What an end means to whoever has to act on it. */
export function meaningOfEnd(code: OutcomeCode, ...texts: readonly (string | undefined)[]): OutcomeMeaning {
  const text = texts.join("\n");
  return told.find(({ codes, pattern }) => codes.has(code) && pattern.test(text))?.meaning ?? Outcomes[code];
}
