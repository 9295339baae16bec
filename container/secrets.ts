import { type Redactor, createRedactor } from "../shared/redact.ts";

/** Every secret value this process holds, and the redaction that knows them all. */
export type Secrets = {
  readonly add: (owner: string, values: readonly string[]) => void;
  /** Forgets the values of an owner whose texts can no longer be written. */
  readonly remove: (owner: string) => void;
  readonly redact: (text: string) => string;
  readonly redactKnown: (text: string) => string;
};

export function createSecrets(): Secrets {
  const held = new Map<string, readonly string[]>();
  let redactor: Redactor = createRedactor([]);
  const rebuild = (): void => {
    redactor = createRedactor([...new Set([...held.values()].flat())]);
  };
  return {
    add: (owner, values) => {
      held.set(owner, values);
      rebuild();
    },
    remove: (owner) => {
      if (held.delete(owner)) rebuild();
    },
    redact: (text) => redactor.redact(text),
    redactKnown: (text) => redactor.redactKnown(text),
  };
}
