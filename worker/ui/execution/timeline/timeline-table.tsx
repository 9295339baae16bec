import { toDuration } from "../../formats.ts";
import type { Range } from "./time-window.ts";
import { rowsIn } from "./timeline-rows.ts";
import type { Timeline, ToolCall } from "./timeline.ts";

type TableProps = {
  readonly timeline: Timeline;
  readonly range: Range;
  readonly onChoose: (call: ToolCall) => void;
};

/** The same as the picture in words: what is within its window, in the order of time. */
export function TimelineTable({ timeline, range, onChoose }: TableProps) {
  const { rows, more } = rowsIn(timeline, range);
  return (
    <>
      <table class="timeline-table">
        <thead>
          <tr>
            <th scope="col">After</th>
            <th scope="col">What</th>
            <th scope="col">Took</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, atMs, what, tookMs, call }) => (
            <tr key={key}>
              <td>{toDuration(atMs - timeline.fromMs)}</td>
              <td>
                {call === undefined ? (
                  what
                ) : (
                  <button type="button" class="button button-bare cell-button" onClick={() => onChoose(call)}>
                    {what}
                  </button>
                )}
              </td>
              <td>{tookMs === null ? "" : toDuration(tookMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 && <p class="quiet">{`${more.toLocaleString()} more rows: zoom in.`}</p>}
    </>
  );
}
