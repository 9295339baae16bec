import type { LogEntry } from "../../../shared/events.ts";
import type { JobView } from "../../../shared/job-view.ts";
import { Age } from "../components/moments.tsx";
import { leftOpen } from "./left-open.ts";
import { Panel } from "./panel.tsx";
import { Prose } from "./prose.tsx";

type Props = {
  readonly job: Pick<JobView, "id" | "round">;
  readonly entries: readonly LogEntry[];
  readonly skewMs: number;
};

/** What the agent leaves to people, questions first. */
export function FollowUps({ job, entries, skewMs }: Props) {
  const found = leftOpen(entries, job);
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
