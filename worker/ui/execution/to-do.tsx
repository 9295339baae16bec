import type { Progress } from "../../../shared/job-result.ts";
import { Meter } from "../components/meter.tsx";
import { plain } from "../formats.ts";
import { Panel } from "./panel.tsx";

const words: Readonly<Record<string, string>> = {
  completed: "done",
  in_progress: "under way",
  pending: "open",
};

/** The agent's own list. */
export function ToDo({ progress }: { readonly progress: Progress | undefined }) {
  const { completed = 0, total = 0, items = [] } = progress ?? {};
  return (
    <Panel title="To do" side={total > 0 && <span class="number">{`${completed} of ${total}`}</span>}>
      {total === 0 ? (
        <p class="quiet">There is no list.</p>
      ) : (
        <>
          <Meter value={completed} max={total} label={`${completed} of ${total} done`} tone="good" />
          <ul class="to-do">
            {items.map(({ label, status }, index) => (
              <li key={index} class={`to-do-${status === "completed" ? "done" : "open"}`}>
                <span class="to-do-state">{words[status] ?? plain(status, 40)}</span>
                {plain(label)}
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}
