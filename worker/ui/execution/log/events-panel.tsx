import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import type { LogEntry } from "../../../../shared/events.ts";
import { Go, Panel } from "../panel.tsx";
import { filterEntries, type KindFilter, kindsIn } from "./event-filter.ts";
import { EventRow } from "./event-row.tsx";
import { firstCursor, type KeptLog } from "./kept-log.ts";
import { type LogWindow, moveWindow, NEWEST, sliceOf, type WindowMove } from "./log-window.ts";
import { useFollow } from "./use-follow.ts";

type EventsProps = {
  readonly executionId: string;
  readonly entries: readonly LogEntry[];
  readonly log: KeptLog;
  readonly skewMs: number;
};

/** The event log, a window of it at a time; what is missing is drawn where it was. */
export function EventsPanel({ executionId, entries, log, skewMs }: EventsProps) {
  const [filter, setFilter] = useState<KindFilter>("all");
  const found = useMemo(() => filterEntries(entries, filter), [entries, filter]);
  const reduce = (window: LogWindow, move: WindowMove): LogWindow => moveWindow(window, move, found);
  const [window, move] = useReducer(reduce, NEWEST);
  const { from, to } = sliceOf(window, found);
  const shown = useMemo(() => found.slice(from, to), [found, from, to]);
  const { box, isFollowing, onScroll, follow } = useFollow(shown);
  const isAtEnd = to === found.length;
  useEffect(() => {
    // Whoever reads on upwards keeps what he sees; back at the end, what comes moves it on.
    if (!isFollowing) move("hold");
    else if (isAtEnd) move("newest");
  }, [isFollowing]);
  useHeldPlace(box, shown, isFollowing && isAtEnd);
  const go = (next: WindowMove) => () => {
    move(next);
    if (next === "newest") follow();
  };
  const isNewest = isFollowing && window === NEWEST;
  return (
    <Panel
      title="Events"
      class="events-panel"
      side={
        <Kinds
          entries={entries}
          value={filter}
          onChange={(kind) => {
            setFilter(kind);
            go("newest")();
          }}
        />
      }
    >
      <div class="row">
        <Go label="First" isOff={from === 0} onGo={go("first")} />
        <Go label="Earlier" isOff={from === 0} onGo={go("earlier")} />
        <Go label="Later" isOff={isAtEnd} onGo={go("later")} />
        <button type="button" class="button" aria-pressed={isNewest} onClick={go("newest")}>
          Newest
        </button>
        <span class="quiet number">
          {`${found.length === 0 ? 0 : from + 1}–${to} of ${found.length.toLocaleString()}`}
        </span>
        {log.next < log.newest && (
          <span class="quiet">{(log.newest - log.next).toLocaleString()} to be read</span>
        )}
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by the keyboard */}
      <div
        class="scroller events"
        ref={box}
        onScroll={onScroll}
        tabIndex={0}
        role="group"
        aria-label="Event list"
      >
        {shown.length === 0 && <p class="quiet">No such event yet.</p>}
        <ol>
          {shown.map((entry) => (
            <EventRow key={firstCursor(entry)} entry={entry} executionId={executionId} skewMs={skewMs} />
          ))}
        </ol>
      </div>
    </Panel>
  );
}

type KindsProps = {
  readonly entries: readonly LogEntry[];
  readonly value: KindFilter;
  readonly onChange: (kind: KindFilter) => void;
};

function Kinds({ entries, value, onChange }: KindsProps) {
  const kinds = useMemo(() => kindsIn(entries), [entries]);
  return (
    <select
      aria-label="Kind of event"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    >
      <option value="all">All kinds</option>
      <option value="decisions">Decisions</option>
      {kinds.map(([kind, count]) => (
        <option key={kind} value={kind}>
          {kind} ({count.toLocaleString()})
        </option>
      ))}
    </select>
  );
}

/** When the window moves, what was at its edge stays where it was on the screen. */
function useHeldPlace(
  box: { readonly current: HTMLDivElement | null },
  shown: readonly LogEntry[],
  isFollowing: boolean,
): void {
  const first = shown[0] === undefined ? 0 : firstCursor(shown[0]);
  const edges = useRef({ first, last: 0 });
  useLayoutEffect(() => {
    const { first: pastFirst, last: pastLast } = edges.current;
    const last = shown.at(-1);
    edges.current = { first, last: last === undefined ? 0 : firstCursor(last) };
    const scroller = box.current;
    if (scroller === null || isFollowing || first === pastFirst) return;
    const row = scroller.querySelector<HTMLElement>(
      `[data-cursor="${first < pastFirst ? pastFirst : pastLast}"]`,
    );
    if (row === null) scroller.scrollTop = first < pastFirst ? 0 : scroller.scrollHeight;
    else if (first < pastFirst) scroller.scrollTop = row.offsetTop;
    else scroller.scrollTop = row.offsetTop + row.offsetHeight - scroller.clientHeight;
  }, [first, shown.length]);
}
