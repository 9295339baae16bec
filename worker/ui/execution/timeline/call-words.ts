import { plain, toDuration } from "../../formats.ts";
import type { Moment, ToolCall } from "./timeline.ts";

const states: Readonly<Record<ToolCall["state"], string>> = {
  ok: "ok",
  failed: "failed",
  open: "under way",
  left: "never ended",
};

/** `bash, failed, 1.4 s: npm test`; of a call under way nothing that grows by the second. */
export function callWords({ tool, args, state, fromMs, toMs }: ToolCall): string {
  const took = state === "open" ? "" : `, ${toDuration(toMs - fromMs)}`;
  const head = `${plain(tool, 60)}, ${states[state]}${took}`;
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
