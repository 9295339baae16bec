import { plain, toDuration } from "../../formats.ts";
import { callWords, momentWords } from "./call-words.ts";
import { type Bar, barsOf, type Spanning, toLanes } from "./lanes.ts";
import { kindOf } from "./phase-kind.ts";
import { ticksOf } from "./ticks.ts";
import type { Range } from "./time-window.ts";
import type { Timeline, ToolCall } from "./timeline.ts";
import { memo } from "../../memo.tsx";

type ChartProps = {
  readonly timeline: Timeline;
  readonly range: Range;
  readonly widthPx: number;
  readonly chosen: ToolCall | null;
  readonly onChoose: (call: ToolCall) => void;
};

const AXIS_PX = 22;
const LABEL_PX = 16;
const BAR_PX = 20;
const LANE_PX = 14;
const MAX_LANES = 8;
/** A character of the chart's font at most; a label that does not fit is left out. */
const CHAR_PX = 7;

/** The part of the timeline that is seen, as a picture; the table beside it says the same. */
export const Chart = memo(function Chart({ timeline, range, widthPx, chosen, onChoose }: ChartProps) {
  const lanes = toLanes(timeline.calls, MAX_LANES);
  const toX = (atMs: number): number =>
    ((atMs - range.fromMs) * widthPx) / Math.max(1, range.toMs - range.fromMs);
  const rows = rowTops(lanes.length);
  const bars = <S extends Spanning>(spans: readonly S[]): readonly Bar<S>[] => barsOf(spans, range, widthPx);
  const row = <S extends Spanning>(spans: readonly S[], y: number, told: (span: S) => Told) =>
    bars(spans).map(({ x, width, spans: [span] }) =>
      span === undefined ? null : (
        <Labelled
          key={span.fromMs}
          box={{ x, y, width }}
          told={told(span)}
          tookMs={span.toMs - span.fromMs}
        />
      ),
    );
  return (
    <svg class="chart" width={widthPx} height={rows.height} aria-hidden="true">
      {ticksOf(range, timeline.fromMs, widthPx).map((atMs) => (
        <g key={atMs} class="tick">
          <line x1={toX(atMs)} x2={toX(atMs)} y1={AXIS_PX - 6} y2={rows.height} />
          {toX(atMs) < widthPx - 48 && (
            <text x={toX(atMs) + 3} y={AXIS_PX - 9}>
              {toDuration(atMs - timeline.fromMs)}
            </text>
          )}
        </g>
      ))}
      <RowLabel y={rows.attempts} text="Attempts" />
      {row(timeline.attempts, rows.attempts, ({ number, end }) => ({
        look: `attempt-${end ?? "open"}`,
        label: `${number}${end === "lost" ? " lost" : ""}`,
        name: `Attempt ${number}`,
      }))}
      <RowLabel y={rows.phases} text="Phases" />
      {row(timeline.phases, rows.phases, ({ name }) => ({
        look: `phase-${kindOf(name)}`,
        label: plain(name, 60),
        name: plain(name, 60),
      }))}
      <RowLabel y={rows.calls} text={timeline.calls.length === 0 ? "No tool calls yet" : "Tool calls"} />
      {lanes.map((lane, index) =>
        bars(lane).map((bar) => (
          <Call
            key={`${index} ${bar.spans[0]?.cursor}`}
            bar={bar}
            y={rows.calls + index * LANE_PX}
            isChosen={chosen !== null && bar.spans.some(({ cursor }) => cursor === chosen.cursor)}
            onChoose={onChoose}
          />
        )),
      )}
      {timeline.moments
        .filter(({ atMs }) => atMs >= range.fromMs && atMs <= range.toMs)
        .map(({ atMs, kind, cursor }) => (
          <g key={cursor} class={`moment moment-${kind}`}>
            <title>{momentWords[kind]}</title>
            <line x1={toX(atMs)} x2={toX(atMs)} y1={AXIS_PX} y2={rows.height} />
            <path d={`M${toX(atMs) - 4} ${AXIS_PX - 6}h8l-4 7z`} />
          </g>
        ))}
    </svg>
  );
});

function rowTops(lanes: number) {
  const attempts = AXIS_PX + LABEL_PX;
  const phases = attempts + BAR_PX + LABEL_PX;
  const calls = phases + BAR_PX + LABEL_PX;
  return { attempts, phases, calls, height: calls + Math.max(1, lanes) * LANE_PX + 6 };
}

function RowLabel({ y, text }: { readonly y: number; readonly text: string }) {
  return (
    <text class="row-label" x={2} y={y - 4}>
      {text}
    </text>
  );
}

type Told = { readonly look: string; readonly label: string; readonly name: string };
type LabelledProps = {
  readonly box: { readonly x: number; readonly y: number; readonly width: number };
  readonly told: Told;
  readonly tookMs: number;
};

function Labelled({ box: { x, y, width }, told: { look, label, name }, tookMs }: LabelledProps) {
  return (
    <g class={`piece ${look}`}>
      <title>{`${name}, ${toDuration(tookMs)}`}</title>
      <rect x={x} y={y} width={Math.max(1, width - 1)} height={BAR_PX} rx={3} />
      {label.length * CHAR_PX + 8 <= width && (
        <text x={x + 5} y={y + BAR_PX - 6}>
          {label}
        </text>
      )}
    </g>
  );
}

type CallProps = {
  readonly bar: Bar<ToolCall>;
  readonly y: number;
  readonly isChosen: boolean;
  readonly onChoose: (call: ToolCall) => void;
};

/** Those that cannot be told apart are one bar, which fails where one of them failed. */
function Call({ bar: { x, width, spans }, y, isChosen, onChoose }: CallProps) {
  const failed = spans.find(({ state }) => state === "failed");
  const shown = failed ?? spans[0];
  if (shown === undefined) return null;
  const more = spans.length === 1 ? "" : ` and ${spans.length - 1} more`;
  // What failed is lower too, so that it is not told by its colour alone.
  const inset = failed === undefined ? 0 : 3;
  return (
    <g class={`piece call-${shown.state}${isChosen ? " is-chosen" : ""}`} onClick={() => onChoose(shown)}>
      <title>{`${callWords(shown)}${more}`}</title>
      <rect x={x} y={y + inset} width={Math.max(1, width - 1)} height={LANE_PX - 3 - inset} rx={2} />
      {isChosen && <rect class="ring" x={x - 1.5} y={y - 1.5} width={width + 2} height={LANE_PX} rx={3} />}
    </g>
  );
}
