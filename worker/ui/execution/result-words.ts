/** What a result says, in words. Pure. */

/** Behind the name of a branch; nothing where the harness did not say. */
export function pushedWords(pushed: boolean | undefined): string {
  return pushed === undefined ? "" : pushed ? ", pushed" : ", not pushed";
}

/** The answer of a job that was asked for an object, for people to read. */
export function answerText(answer: unknown): string {
  return typeof answer === "string" ? answer : JSON.stringify(answer, null, 2);
}
