import { fieldOf } from "../../../shared/event-words.ts";
import type { LogEntry } from "../../../shared/events.ts";
import { textOf } from "../../../shared/json.ts";
import type { JobView } from "../../../shared/job-view.ts";
import { Age } from "../components/moments.tsx";
import { Panel } from "./panel.tsx";
import { Prose } from "./prose.tsx";

type Props = {
  readonly job: Pick<JobView, "id" | "round">;
  readonly entries: readonly LogEntry[];
  readonly skewMs: number;
};

/** What the agent leaves to people, questions first. */
export function FollowUps({ job, entries, skewMs }: Props) {
  const found = followUpsOf(entries, job);
  return (
    <Panel title="Follow-ups">
      {found.length === 0 ? (
        <p class="quiet">Nothing was left open.</p>
      ) : (
        <ul class="follow-ups">
          {found.map(({ cursor, at, isQuestion, title, detail, action }) => (
            <li key={cursor}>
              <p>
                <span class={`chip ${isQuestion ? "chip-warn" : ""}`}>
                  {isQuestion ? "Question" : "Follow-up"}
                </span>{" "}
                <b>{title}</b>{" "}
                <span class="quiet">
                  <Age at={at} skewMs={skewMs} />
                </span>
              </p>
              {detail !== "" && <Prose text={detail} />}
              {action !== "" && (
                <p>
                  <span class="quiet">Suggested:</span> {action}
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function followUpsOf(entries: readonly LogEntry[], { id, round }: Props["job"]) {
  return entries
    .flatMap((entry) => (entry.kind === "event" && entry.event.kind === "follow-up" ? [entry.event] : []))
    .filter((event) => event.jobId === id && (event.round ?? round) === round && event["repeated"] !== true)
    .map(({ cursor, at, followUp }) => ({
      cursor,
      at,
      isQuestion: fieldOf(followUp, "kind") === "question",
      title: fieldOf(followUp, "title"),
      // With its line breaks; whoever shows it makes it plain.
      detail: textOf(followUp, "detail"),
      action: fieldOf(followUp, "suggestedAction"),
    }))
    .toSorted((a, b) => Number(b.isQuestion) - Number(a.isQuestion));
}
