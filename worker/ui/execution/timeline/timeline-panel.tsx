import { useMemo, useReducer, useState } from "preact/hooks";
import type { LogEntry } from "../../../../shared/events.ts";
import type { JobView } from "../../../../shared/job-view.ts";
import { toDuration } from "../../formats.ts";
import { useNow } from "../../live/use-now.ts";
import { Folded, loadTable } from "../folded.tsx";
import { Go, Panel } from "../panel.tsx";
import { callWords } from "./call-words.ts";
import { Chart } from "./chart.tsx";
import { moveOfKey, stepOfKey, zoomIn, zoomOut } from "./keys.ts";
import { moveTime, rangeOf, type TimeMove, type TimeWindow } from "./time-window.ts";
import { timelineOf, type ToolCall } from "./timeline.ts";
import { usePan } from "./use-pan.ts";
import { useWidth } from "./use-width.ts";

type TimelineProps = {
  readonly job: Pick<JobView, "id" | "round" | "startedAt" | "heartbeatAt" | "state">;
  readonly entries: readonly LogEntry[];
  readonly skewMs: number;
  /** Whether all of the log is here. */
  readonly isRead: boolean;
};

/** What happened when. The picture is moved by pointer, wheel and keyboard; the table says the same in words. */
export function TimelinePanel({ job, entries, skewMs, isRead }: TimelineProps) {
  // An ended job stands still.
  const now = useNow();
  const until = job.state === "running" ? now + skewMs : job.heartbeatAt;
  const timeline = useMemo(
    () => timelineOf(entries, { jobId: job.id, round: job.round, acceptedAt: job.startedAt, now: until }),
    [entries, job.id, job.round, job.startedAt, until],
  );
  const reduce = (window: TimeWindow, move: TimeMove): TimeWindow => moveTime(window, move, timeline);
  const [window, move] = useReducer(reduce, { kind: "all" });
  const [chosen, setChosen] = useState<ToolCall | null>(null);
  const { box, widthPx } = useWidth();
  const range = useMemo(() => rangeOf(window, timeline), [window, timeline]);
  const pan = usePan(widthPx, move);
  const step = (by: 1 | -1): void => {
    const { calls } = timeline;
    const index = chosen === null ? -1 : calls.findIndex(({ cursor }) => cursor === chosen.cursor);
    const next = calls[index === -1 ? (by === 1 ? 0 : calls.length - 1) : index + by];
    if (next === undefined) return;
    setChosen(next);
    if (next.toMs < range.fromMs || next.fromMs > range.toMs) move({ kind: "show", ...next });
  };
  const isAll = window.kind === "all";
  const shown =
    chosen === null ? undefined : (timeline.calls.find(({ cursor }) => cursor === chosen.cursor) ?? chosen);
  return (
    <Panel
      title="Timeline"
      side={
        <span class="row">
          <Go label="+" name="Zoom in" onGo={() => move(zoomIn)} />
          <Go label="−" name="Zoom out" isOff={isAll} onGo={() => move(zoomOut)} />
          <Go label="Show all" isOff={isAll} onGo={() => move({ kind: "all" })} />
        </span>
      }
    >
      <div ref={box} class="chart-box">
        <div
          {...pan}
          class="chart-frame"
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it takes keys
          tabIndex={0}
          role="group"
          aria-label="Timeline: Left and Right move, plus and minus zoom, 0 shows all, Up and Down choose a call"
          onKeyDown={(event) => {
            if (event.ctrlKey || event.metaKey || event.altKey) return;
            const by = stepOfKey.get(event.key);
            const moved = moveOfKey.get(event.key);
            if (by === undefined && moved === undefined) return;
            event.preventDefault();
            if (by !== undefined) step(by);
            if (moved !== undefined) move(moved);
          }}
        >
          {widthPx > 0 && (
            <Chart timeline={timeline} range={range} widthPx={widthPx} chosen={chosen} onChoose={setChosen} />
          )}
        </div>
      </div>
      <p class="chosen">
        <span role="status">{shown !== undefined && callWords(shown)}</span>
        {shown === undefined && (
          <span class="quiet">
            {isRead ? `${timeline.calls.length.toLocaleString()} tool calls` : "Reading the log …"}
            {isAll
              ? ""
              : `; ${toDuration(range.toMs - range.fromMs)} of ${toDuration(timeline.toMs - timeline.fromMs)} shown`}
          </span>
        )}
      </p>
      <Folded summary="As a table" load={loadTable} with={{ timeline, range, onChoose: setChosen }} />
    </Panel>
  );
}
