import { plain, toDuration } from "../../formats.ts";
import { callWords, momentWords } from "./call-words.ts";
import type { Range } from "./time-window.ts";
import type { Timeline, ToolCall } from "./timeline.ts";

type TableProps = {
  readonly timeline: Timeline;
  readonly range: Range;
  readonly onChoose: (call: ToolCall) => void;
};

type Row = {
  readonly key: string;
  readonly atMs: number;
  readonly what: string;
  readonly tookMs: number | null;
  readonly call?: ToolCall;
};

const ROWS = 200;

/** The same as the picture in words: what is within its window, in the order of time. */
export function TimelineTable({ timeline, range, onChoose }: TableProps) {
  const rows = rowsOf(timeline).filter(
    ({ atMs, tookMs }) => atMs <= range.toMs && atMs + (tookMs ?? 0) >= range.fromMs,
  );
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
          {rows.slice(0, ROWS).map(({ key, atMs, what, tookMs, call }) => (
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
      {rows.length > ROWS && (
        <p class="quiet">{`${(rows.length - ROWS).toLocaleString()} more rows: zoom in to see them.`}</p>
      )}
    </>
  );
}

function rowsOf({ attempts, phases, calls, moments }: Timeline): readonly Row[] {
  const rows: readonly Row[] = [
    ...attempts.map(({ number, fromMs, toMs, end }) => ({
      key: `attempt ${number}`,
      atMs: fromMs,
      what: `Attempt ${number}${end === "lost" ? ", lost" : ""}`,
      tookMs: toMs - fromMs,
    })),
    ...phases.map(({ name, fromMs, toMs }) => ({
      key: `phase ${fromMs} ${name}`,
      atMs: fromMs,
      what: `Phase ${plain(name, 60)}`,
      tookMs: toMs - fromMs,
    })),
    ...calls.map((call) => ({
      key: `call ${call.cursor}`,
      atMs: call.fromMs,
      what: callWords(call),
      tookMs: call.toMs - call.fromMs,
      call,
    })),
    ...moments.map(({ atMs, kind, cursor }) => ({
      key: `moment ${cursor}`,
      atMs,
      what: momentWords[kind],
      tookMs: null,
    })),
  ];
  return rows.toSorted((a, b) => a.atMs - b.atMs);
}
