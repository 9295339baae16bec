/** Redaction: every text that leaves a process of Holt goes through here, before it is cut. */

import { assignments } from "./redact/assignments.ts";
import { createAutomaton } from "./redact/automaton.ts";
import { commandRules } from "./redact/commands.ts";
import { cookies } from "./redact/cookies.ts";
import { credentialRules } from "./redact/credentials.ts";
import { needlesOf } from "./redact/known-values.ts";
import { findPem } from "./redact/pem.ts";
import { createFinder } from "./redact/rules.ts";
import { combine } from "./redact/spans.ts";
import { type RedactingStream, createStream } from "./redact/stream.ts";
import { stated } from "./redact/stated.ts";
import { tokenRules } from "./redact/tokens.ts";
import { userinfo } from "./redact/userinfo.ts";

export { secretsOfSpec } from "./redact/spec-secrets.ts";
export type { RedactingStream } from "./redact/stream.ts";

export type Redactor = {
  /** Masks known values and everything shaped like a secret. */
  readonly redact: (text: string) => string;
  /** Masks known values and tokens that say themselves what they are: for results, whose content is the answer. */
  readonly redactKnown: (text: string) => string;
  /** As `redact`, for text in pieces: any pieces of a text give what the whole gives. */
  readonly stream: () => RedactingStream;
};

const findSelfIdentifying = combine([findPem, createFinder(tokenRules)]);
const findShapes = combine([
  findPem,
  createFinder([...tokenRules, userinfo, ...credentialRules, ...commandRules, cookies, stated, assignments]),
]);

/**
 * A redactor that knows these values. Building it costs time in proportion to them; using it is linear in the text.
 * Redacting twice changes nothing.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const automaton = createAutomaton(needlesOf(secrets));
  const whole = (stream: RedactingStream, text: string): string => stream.write(text) + stream.end();
  return {
    redact: (text) => whole(createStream(automaton, findShapes), text),
    redactKnown: (text) => whole(createStream(automaton, findSelfIdentifying), text),
    stream: () => createStream(automaton, findShapes),
  };
}

const shapesOnly = createRedactor([]);

/** Masks what is shaped like a secret, where no values are known. */
export function redact(text: string): string {
  return shapesOnly.redact(text);
}
