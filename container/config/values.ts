/** Single values of the environment; one that cannot be meant adds a sentence to `problems`. */

import { isAbsolute, resolve } from "node:path";
import { instanceIdPattern } from "../../shared/instance-id.ts";

export type Env = Readonly<Record<string, string | undefined>>;

/** Node's timers hold a signed 32-bit number of milliseconds and fire at once beyond it. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export function readPort(text: string | undefined, problems: string[]): number {
  const given = nonEmpty(text);
  if (given === null) return 8080;
  const port = Number(given);
  if (/^\d+$/u.test(given) && port <= 65_535) return port;
  problems.push(`PORT must be a number from 0 to 65535, not '${shown(given)}'`);
  return 0;
}

export function readInstance(text: string | undefined, problems: string[]): string | null {
  const given = nonEmpty(text);
  if (given === null || instanceIdPattern.test(given)) return given;
  problems.push("HARNESS_INSTANCE must be 8 to 64 letters, digits and hyphens");
  return null;
}

/** Whole milliseconds, as timers and programs take them; a fraction is rounded up. */
export function readDuration(env: Env, name: string, otherwise: number, problems: string[]): number {
  const given = nonEmpty(env[name]);
  if (given === null) return otherwise;
  const ms = Math.ceil(Number(given));
  if (Number.isFinite(ms) && ms > 0 && ms <= MAX_TIMER_MS) return ms;
  problems.push(
    `${name} must be a number of milliseconds above 0 and at most ${MAX_TIMER_MS}, not '${shown(given)}'`,
  );
  return otherwise;
}

export function readBound(env: Env, name: string, otherwise: number, problems: string[]): number {
  const given = nonEmpty(env[name]);
  if (given === null) return otherwise;
  const bound = Math.floor(Number(given));
  if (Number.isSafeInteger(bound) && bound >= 1) return bound;
  problems.push(`${name} must be a number from 1 up, not '${shown(given)}'`);
  return otherwise;
}

/** Folders below it are emptied, so it is never guessed at. */
export function readWorkspaceRoot(text: string | undefined, problems: string[]): string {
  const given = nonEmpty(text) ?? "/workspace";
  if (isAbsolute(given) && resolve(given) !== "/") return resolve(given);
  problems.push(
    `HARNESS_WORKSPACE_ROOT must be an absolute path below the root folder, not '${shown(given)}'`,
  );
  return given;
}

export function readUserName(text: string | undefined, problems: string[]): string | null {
  const given = nonEmpty(text);
  const isUser = /^(?:[A-Za-z_][A-Za-z0-9_.-]{0,31}|\d{1,10}(?::\d{1,10})?)$/u;
  if (given === null || isUser.test(given)) return given;
  problems.push(
    `HARNESS_AGENT_USER must be the name of a user of this machine, or 'uid:gid', not '${shown(given)}'`,
  );
  return null;
}

export function readList(text: string): readonly string[] {
  return text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}

export function nonEmpty(text: string | undefined): string | null {
  return text === undefined || text.trim() === "" ? null : text.trim();
}

function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
