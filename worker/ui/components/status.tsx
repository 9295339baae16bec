import type { Status } from "../../../shared/job-view.ts";

/** What a status looks like: a shape and a word, and only then a colour. */
const looks = {
  queued: { mark: "dots", tone: "quiet", word: "Queued" },
  starting: { mark: "half", tone: "active", word: "Starting" },
  running: { mark: "play", tone: "active", word: "Working" },
  recovering: { mark: "turn", tone: "warn", word: "Recovering" },
  stopping: { mark: "stop", tone: "warn", word: "Stopping" },
  done: { mark: "check", tone: "good", word: "Done" },
  "done-with-error": { mark: "cross", tone: "bad", word: "Done, with an error" },
  failed: { mark: "cross", tone: "bad", word: "Failed" },
  cancelled: { mark: "slash", tone: "quiet", word: "Cancelled" },
  evicted: { mark: "bolt", tone: "bad", word: "Evicted" },
} as const;

/** 16 × 16, in the text's colour. */
const marks = {
  dots: "M3 8h.01M8 8h.01M13 8h.01",
  half: "M8 2.5a5.5 5.5 0 1 1-5.5 5.5M8 2.5V8",
  play: "M5 3.5v9l7.5-4.5z",
  turn: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3",
  stop: "M4 4h8v8H4z",
  check: "M3 8.5 6.5 12 13 4.5",
  cross: "M4 4l8 8M12 4l-8 8",
  slash: "M8 2.5a5.5 5.5 0 1 0 .01 0M4.2 4.2l7.6 7.6",
  bolt: "M9 2 4 9h4l-1 5 5-7H8z",
  alert: "M8 2 1.5 13.5h13zM8 6.5v3.5M8 12h.01",
} as const;

export type MarkName = keyof typeof marks;

export function Mark({ name }: { readonly name: MarkName }) {
  return (
    <svg class="mark" viewBox="0 0 16 16" aria-hidden="true">
      <path d={marks[name]} />
    </svg>
  );
}

type StatusProps = {
  readonly status: Status;
  /** `done` with a result that says that it failed. */
  readonly hasError?: boolean;
};

export function StatusChip({ status, hasError = false }: StatusProps) {
  const { mark, tone, word } = looks[status === "done" && hasError ? "done-with-error" : status];
  return (
    <span class={`chip chip-${tone}`} data-status={status}>
      <Mark name={mark} />
      {word}
    </span>
  );
}
