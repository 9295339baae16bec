import type { JobResult, Terminal } from "../../shared/job-result.ts";
import { Limits } from "../../shared/limits.ts";

/** How much of an end is told; each step is for an object that would not take the one before. */
export type TerminalDetail = "whole" | "essentials" | "bare";

export function lessDetail(detail: TerminalDetail): TerminalDetail {
  return detail === "whole" ? "essentials" : "bare";
}

/** An end that fits a beat. `whole` keeps everything but the longest fields of a result over its limit. */
export function fitTerminal(terminal: Terminal, detail: TerminalDetail): Terminal {
  if (detail === "whole") return withResult(terminal, terminal.result && fitResult(terminal.result));
  const short = detail === "essentials" ? 4_000 : 500;
  const result = terminal.result && essentialsOf(terminal.result, short);
  if (terminal.state === "done") return { state: "done", result: result ?? {} };
  return {
    state: "failed",
    error: cut(terminal.error, short),
    ...(terminal.failureCause !== undefined && { failureCause: terminal.failureCause }),
    ...(terminal.detail !== undefined && { detail: cut(terminal.detail, short) }),
    ...(result !== undefined && { result }),
  };
}

/** Cuts with a visible mark, never inside a surrogate pair; `text` may be the beginning of `totalChars`. */
export function cut(text: string, maxChars: number, totalChars = text.length): string {
  if (totalChars <= maxChars) return text;
  const mark = `… (${totalChars - maxChars} more characters)`;
  return `${text.slice(0, Math.max(0, maxChars - mark.length - 10)).toWellFormed()}${mark}`;
}

function withResult(terminal: Terminal, result: JobResult | undefined): Terminal {
  return result === undefined ? terminal : { ...terminal, result };
}

function fitResult(result: JobResult): JobResult {
  let fitted = result;
  // Each round at least halves the longest field; twenty bring any result of a hundred fields under the limit.
  for (let round = 0; round < 200 && bytesOf(fitted) > Limits.resultBytes; round += 1) {
    const [name, value] = longestField(fitted);
    if (name === null) break;
    fitted =
      typeof value === "string" && value.length > 1_000
        ? { ...fitted, [name]: cut(value, Math.floor(value.length / 2)) }
        : without(fitted, name, bytesOf(value));
  }
  return fitted;
}

function without(result: JobResult, name: string, bytes: number): JobResult {
  const rest = Object.fromEntries(Object.entries(result).filter(([key]) => key !== name));
  return result.error === undefined ? { ...rest, ...tooLarge(name, bytes) } : rest;
}

function tooLarge(name: string, bytes: number): Pick<JobResult, "error" | "failureCause"> {
  return {
    error: `result-too-large: '${name}' had ${bytes} bytes`,
    failureCause: "no-usable-output",
  };
}

function longestField(result: JobResult): readonly [name: string | null, value: unknown] {
  let longest: readonly [string | null, unknown] = [null, undefined];
  let bytes = -1;
  for (const [name, value] of Object.entries(result)) {
    if (bytesOf(value) > bytes) {
      bytes = bytesOf(value);
      longest = [name, value];
    }
  }
  return longest;
}

function essentialsOf(result: JobResult, short: number): JobResult {
  const { pushed, branch, prUrl, custom, summary } = result;
  // a job whose answer is its object is no success without it
  const isLost = custom !== undefined && result.error === undefined;
  const { error, failureCause } = isLost ? tooLarge("custom", bytesOf(custom)) : result;
  return {
    ...(pushed !== undefined && { pushed }),
    ...(branch !== undefined && { branch: cut(branch, short) }),
    ...(prUrl !== undefined && { prUrl: cut(prUrl, short) }),
    ...(summary !== undefined && { summary: cut(summary, short) }),
    ...(error !== undefined && { error: cut(error, short) }),
    ...(failureCause !== undefined && { failureCause }),
  };
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? "");
}
