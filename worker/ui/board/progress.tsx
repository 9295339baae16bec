import type { Card } from "../../../shared/board.ts";
import { Meter } from "../components/meter.tsx";
import { plain } from "../formats.ts";

type ProgressProps = {
  readonly progress: NonNullable<Card["progress"]>;
  readonly isOver: boolean;
};

/** How far the agent's own list is, and what it is at; the list itself on demand. */
export function Progress({ progress, isOver }: ProgressProps) {
  const { completed, total, items } = progress;
  if (isOver && completed === total) return null;
  const words = `${completed} of ${total} done`;
  const current = isOver ? undefined : items.find(({ status }) => status === "in_progress");
  return (
    <div class="progress">
      <details>
        <summary title={items.map(toLine).join("\n")}>
          <Meter value={completed} max={total} label={words} tone={completed === total ? "good" : "active"} />
          <span class="number" aria-hidden="true">
            {completed}/{total}
          </span>
        </summary>
        <ol>
          {items.map((item, index) => (
            <li key={index} data-state={item.status}>
              <span aria-hidden="true">{signOf(item.status)}</span>{" "}
              <span class="said">{item.status.replaceAll("_", " ")}: </span>
              {plain(item.label, 120)}
            </li>
          ))}
          {items.length < total && <li class="quiet">{total - items.length} more are not shown here</li>}
        </ol>
      </details>
      {current !== undefined && (
        <p class="progress-now cut" title={plain(current.label, 120)}>
          {plain(current.label, 120)}
        </p>
      )}
    </div>
  );
}

type Item = ProgressProps["progress"]["items"][number];

function toLine({ label, status }: Item): string {
  return `${signOf(status)} ${plain(label, 120)}`;
}

function signOf(status: string): string {
  if (status === "completed") return "✓";
  return status === "in_progress" ? "▸" : "○";
}
