import type { StartFailure } from "./input.ts";

/**
 * What the platform's words at a failed start mean. Only texts exist, no codes; each was seen in a log, an issue or a
 * source of the platform, late 2026.
 */
const texts: readonly (readonly [RegExp, StartFailure])[] = [
  [/no container instance that can be provided/i, "no-capacity"],
  [/maximum number of running container instances exceeded/i, "no-capacity"],
  [/too many containers per second/i, "rate-limited"],
];

export function startFailureOf(message: string): StartFailure {
  return texts.find(([pattern]) => pattern.test(message))?.[1] ?? "other";
}
