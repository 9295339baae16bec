import { plain, toDuration } from "../../formats.ts";
import type { Moment, ToolCall } from "./timeline.ts";

const states: Readonly<Record<ToolCall["state"], string>> = {
  ok: "ok",
  failed: "failed",
  open: "under way",
  left: "never ended",
};

/** `bash, failed, 1.4 s: npm test`. */
export function callWords({ tool, args, state, fromMs, toMs }: ToolCall): string {
  const head = `${plain(tool, 60)}, ${states[state]}, ${toDuration(toMs - fromMs)}`;
  return args === "" ? head : `${head}: ${plain(args, 200)}`;
}

export const momentWords: Readonly<Record<Moment["kind"], string>> = {
  lost: "container lost",
  overran: "went past a limit",
  cancel: "cancel asked for",
  release: "release asked for",
  extended: "deadline extended",
  question: "question asked",
  gap: "events lost",
  end: "end",
};
