import { fieldOf } from "../../../shared/event-words.ts";
import type { LogEntry } from "../../../shared/events.ts";
import { textOf } from "../../../shared/json.ts";
import type { JobView } from "../../../shared/job-view.ts";

export type LeftOpen = {
  readonly cursor: number;
  readonly at: number;
  readonly isQuestion: boolean;
  readonly title: string;
  /** With its line breaks; whoever shows it makes it plain. */
  readonly detail: string;
  readonly action: string;
};

/**
 * What the agent left to people in the job's newest round, questions first, each once: the log has every repetition, and a
 * round is to show a question that an earlier one asked as well.
 */
export function leftOpen(
  entries: readonly LogEntry[],
  { id, round }: Pick<JobView, "id" | "round">,
): readonly LeftOpen[] {
  const told = entries
    .flatMap((entry) => (entry.kind === "event" && entry.event.kind === "follow-up" ? [entry.event] : []))
    .filter((event) => event.jobId === id && (event.round ?? round) === round)
    .map(({ cursor, at, followUp }) => ({
      cursor,
      at,
      isQuestion: fieldOf(followUp, "kind") === "question",
      title: fieldOf(followUp, "title"),
      detail: textOf(followUp, "detail"),
      action: fieldOf(followUp, "suggestedAction"),
    }));
  const once = new Map(told.map((each) => [`${each.isQuestion} ${each.title} ${each.detail}`, each]));
  return [...once.values()].toSorted((a, b) => Number(b.isQuestion) - Number(a.isQuestion));
}
