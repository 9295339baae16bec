import type { ProcessEnd } from "../process.ts";
import { describeExit } from "../process/exit.ts";

const headChars = 500;
const tailChars = 1_500;

/** A text as it may be shown: redacted, and then its begin and its end where it is long. */
export function showError(text: string, redact: (text: string) => string): string {
  const redacted = redact(text).trim();
  if (redacted.length <= headChars + tailChars) return redacted.toWellFormed();
  const cut = redacted.length - headChars - tailChars;
  const head = redacted.slice(0, headChars);
  return `${head}…(${cut} chars left out)…${redacted.slice(-tailChars)}`.toWellFormed();
}

/** The text of a command that failed: what was run, how it ended where that is not plain, and what it said of it. */
export function commandFailure(
  argv: readonly string[],
  end: Pick<ProcessEnd, "exit" | "stderrLines">,
): string {
  const said = end.stderrLines.filter((line) => line.trim() !== "");
  const isPlain = end.exit.kind === "exited" && said.length > 0;
  const how = isPlain ? [] : [`${argv[0]} ${describeExit(end.exit)}`];
  return [`Command failed: ${argv.join(" ")}`, ...how, ...said].join("\n");
}
