import type { Progress } from "../../shared/job-result.ts";
import { toPlainLine } from "../../shared/plain-text.ts";
import type { Paint } from "../paint.ts";

const BAR_CHARS = 24;
const ITEM_CHARS = 120;

/** A bar, and the items of the agent's own list. */
export function progressLines(progress: Progress | undefined, paint: Paint): readonly string[] {
  if (progress === undefined || progress.total === 0) return [];
  return [barText(progress, paint), ...(progress.items ?? []).map((item) => itemText(item, paint))];
}

export function barText({ completed, inProgress, total }: Progress, paint: Paint): string {
  const share = (count: number): number => Math.min(BAR_CHARS, Math.round((count / total) * BAR_CHARS));
  const done = share(completed);
  const begun = Math.max(0, share(completed + inProgress) - done);
  const bar = `${paint("green", "█".repeat(done))}${paint("cyan", "▒".repeat(begun))}`;
  return `${bar}${paint("dim", "░".repeat(BAR_CHARS - done - begun))} ${completed} of ${total}`;
}

function itemText(
  { label, status }: { readonly label: string; readonly status: string },
  paint: Paint,
): string {
  const text = toPlainLine(label, ITEM_CHARS);
  if (doneWords.has(status)) return `${paint("green", "✓")} ${paint("dim", text)}`;
  return workingWords.has(status) ? `${paint("cyan", "▸")} ${text}` : `${paint("dim", "·")} ${text}`;
}

/** The statuses of an item are the agents' own words. */
const doneWords: ReadonlySet<string> = new Set(["completed", "done"]);
const workingWords: ReadonlySet<string> = new Set(["in_progress", "in-progress", "inProgress", "active"]);
