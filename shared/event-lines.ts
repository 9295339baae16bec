/** Events as lines of a terminal. */

import type { ExecutionEvent } from "./events.ts";
import { type Tone, type Words, wordsOf, type Writing } from "./event-words.ts";
import { toPlainLine } from "./plain-text.ts";

export type TerminalStyle = "bold" | "cyan" | "green" | "yellow" | "red";
export type TerminalLine = Pick<Words, "label" | "text"> & { readonly style?: TerminalStyle };

const TEXT_CHARS = 400;

/**
 * One line, or none where an event has nothing to say to people; text of an agent has as many as it has.
 * @param callText how an ended tool call is written, whose columns are the terminal's own
 */
export function terminalLines(
  event: ExecutionEvent,
  writing: Writing,
  callText: (event: ExecutionEvent) => string,
): readonly TerminalLine[] {
  const { label, text, tone } = wordsOf(event, writing);
  const style = styles[tone];
  const line = { label, text, ...(style !== undefined && { style }) };
  switch (event.kind) {
    case "tool-start":
      return [];
    case "tool-end":
      return [{ ...line, text: callText(event) }];
    case "output":
      return text
        .split("\n")
        .flatMap((each) => (each.trim() === "" ? [] : [{ label, text: toPlainLine(each, TEXT_CHARS) }]));
    default:
      return [line];
  }
}

const styles: Readonly<Partial<Record<Tone, TerminalStyle>>> = {
  strong: "bold",
  active: "cyan",
  good: "green",
  warn: "yellow",
  bad: "red",
};
