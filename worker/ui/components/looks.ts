/** What a status looks like: a shape and a word, and only then a colour. Pure. */

import type { Status } from "../../../shared/job-view.ts";

export type MarkName =
  | "dots"
  | "half"
  | "play"
  | "turn"
  | "stop"
  | "check"
  | "cross"
  | "slash"
  | "bolt"
  | "alert";

export type Look = {
  readonly mark: MarkName;
  readonly tone: "quiet" | "active" | "warn" | "good" | "bad";
  readonly word: string;
};

/** A status of a later version than this page, which a tab may outlive, is told by its name. */
export function lookOf(status: Status, hasError: boolean): Look {
  const look = looks[status === "done" && hasError ? "done-with-error" : status];
  return look ?? { mark: "alert", tone: "quiet", word: status };
}

const looks: Readonly<Partial<Record<string, Look>>> = {
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
} satisfies Record<Status | "done-with-error", Look>;
