/** The record of one parse: the first refusal counts, so the order of the reads is the order in which errors are told. */
export type Intake = {
  refuse(reason: string): void;
  warn(sentence: string): void;
  readonly refusal: () => string | null;
  readonly warnings: () => readonly string[];
};

/** An object of the body; only its own fields are ever read. */
export type Fields = Readonly<Record<string, unknown>>;

export function createIntake(): Intake {
  let first: string | null = null;
  const sentences: string[] = [];
  return {
    refuse: (reason) => void (first ??= `Invalid job: ${reason}`),
    warn: (sentence) => void sentences.push(sentence),
    refusal: () => first,
    warnings: () => sentences,
  };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field's own value; JSON's null counts as absent, and what a prototype holds is not the caller's. */
export function own(fields: object, key: string): unknown {
  const value: unknown = Object.getOwnPropertyDescriptor(fields, key)?.value;
  return value === null ? undefined : value;
}

/** A required non-empty string; after a refusal the placeholder `""`, which nothing reads. */
export function requireText(intake: Intake, fields: object, key: string, path = key): string {
  const value = own(fields, key);
  if (typeof value === "string" && value !== "") return value;
  intake.refuse(`'${path}' must be a non-empty string`);
  return "";
}

export function optionalText(intake: Intake, fields: object, key: string, path = key): string | undefined {
  const value = own(fields, key);
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  return drop(intake, path, "a non-empty string");
}

/** A string that may be empty. */
export function optionalString(intake: Intake, fields: object, key: string, path = key): string | undefined {
  const value = own(fields, key);
  if (value === undefined || typeof value === "string") return value;
  return drop(intake, path, "a string");
}

/** On only when literally `true`. */
export function flag(intake: Intake, fields: object, key: string, path = key): boolean {
  return optionalBoolean(intake, fields, key, path) ?? false;
}

export function optionalBoolean(
  intake: Intake,
  fields: object,
  key: string,
  path = key,
): boolean | undefined {
  const value = own(fields, key);
  if (value === undefined || typeof value === "boolean") return value;
  return drop(intake, path, "true or false");
}

export function optionalChoice<const Choice extends string>(
  intake: Intake,
  value: unknown,
  path: string,
  choices: readonly Choice[],
): Choice | undefined {
  if (value === undefined) return undefined;
  const chosen = choices.find((choice) => choice === value);
  return (
    chosen ??
    drop(
      intake,
      path,
      choices
        .map((choice) => `'${choice}'`)
        .join(", ")
        .replace(/, ([^,]*)$/, " or $1"),
    )
  );
}

/** Names a field that is treated as absent, and what would have been right. */
export function drop(intake: Intake, path: string, expected: string): undefined {
  intake.warn(`'${path}' was ignored: it must be ${expected}.`);
  return undefined;
}
