import type { Status } from "../../../shared/job-view.ts";
import { lookOf, type MarkName } from "./looks.ts";

export type { MarkName };

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
} as const satisfies Record<MarkName, string>;

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
  const { mark, tone, word } = lookOf(status, hasError);
  return (
    <span class={`chip chip-${tone}`} data-status={status}>
      <Mark name={mark} />
      {word}
    </span>
  );
}
