import { useMemo, useRef } from "preact/hooks";
import type { LogEntry } from "../../../../shared/events.ts";
import type { JobView } from "../../../../shared/job-view.ts";
import { memo } from "../../memo.tsx";
import { At } from "../at.tsx";
import { Panel } from "../panel.tsx";
import { type TailLine, tailOf, tailOfView } from "./log-tail.ts";
import { useFollow } from "./use-follow.ts";

type LogProps = {
  readonly job: Pick<JobView, "logTail" | "asOf">;
  readonly entries: readonly LogEntry[];
  readonly skewMs: number;
};

const LINES = 500;
/** Kept above what one reads while new lines come; then the oldest go all the same. */
const HELD_LINES = 2_000;

/** What agent and harness printed last, following what comes. */
export function LogPanel({ job, entries, skewMs }: LogProps) {
  const tail = useMemo(() => {
    const read = tailOf(entries, HELD_LINES);
    return read.lines.length > 0 ? read : tailOfView(job.logTail ?? [], job.asOf);
  }, [entries, job.logTail]);
  const { box, isFollowing, onScroll, follow } = useFollow(tail);
  const first = useRef<string | null>(null);
  const held = tail.lines.findIndex(({ key }) => key === first.current);
  const lines = isFollowing || held === -1 ? tail.lines.slice(-LINES) : tail.lines.slice(held);
  first.current = lines[0]?.key ?? null;
  const isCut = tail.isCut || lines.length < tail.lines.length;
  return (
    <Panel
      title="Log"
      class="log-panel"
      side={
        <button type="button" class="button" aria-pressed={isFollowing} onClick={follow}>
          {isFollowing ? "Following" : "Follow"}
        </button>
      }
    >
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by the keyboard */}
      <div
        class="scroller log"
        ref={box}
        onScroll={onScroll}
        tabIndex={0}
        role="group"
        aria-label="Log lines"
      >
        {isCut && <p class="quiet">Older lines: see events.</p>}
        {lines.length === 0 && <p class="quiet">Nothing was printed yet.</p>}
        {lines.map(({ key, at, stream, text }) => (
          <Line key={key} at={at} stream={stream} text={text} skewMs={skewMs} />
        ))}
      </div>
    </Panel>
  );
}

type LineProps = Omit<TailLine, "key"> & { readonly skewMs: number };

const Line = memo(function Line({ at, stream, text, skewMs }: LineProps) {
  if (stream === "gap") return <p class="gap-line">{text}</p>;
  return (
    <p class={`log-line log-${stream}`}>
      <span class="log-at">{at > 0 && <At at={at} skewMs={skewMs} />}</span>
      {stream !== "agent" && stream !== "" && <span class="log-stream">{stream} </span>}
      {text}
    </p>
  );
});
