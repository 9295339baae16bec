/** A board: what has changed of its cards. Asks the board's object alone, so that reading wakes no execution. */

import { sincePattern } from "../../shared/board.ts";
import { type Refusal, refuse } from "../../shared/errors.ts";
import { Limits } from "../../shared/limits.ts";
import type { Since } from "../board/page.ts";
import { repeatOnce } from "../repeat.ts";
import { type Handler, json, unchanged } from "./call.ts";
import { etagOf, tagOf, wholeNumber } from "./query.ts";

export const readBoard: Handler = async ({ board, request, url }, { boards }) => {
  const since = sinceOf(url);
  if (!since.ok) return since;
  const wait = wholeNumber(url, "wait", { min: 0, max: Limits.waitSecondsMax });
  if (!wait.ok) return wait;
  const tag = tagOf(request.headers);
  const { at, from } = since;
  const asked = {
    since: { at, from },
    waitMs: (wait.value ?? 0) * 1_000,
    ...(tag !== undefined && { tag }),
  };
  const read = await repeatOnce(() => boards.named(board).read(asked));
  if ("unchanged" in read) return unchanged({ etag: etagOf(tag ?? "") });
  // Of how far this page reaches: the tag of one that is not the last must not pass for having all.
  return json(read.page, 200, { etag: etagOf(read.page.next) });
};

function sinceOf(url: URL): ({ readonly ok: true } & Since) | Refusal {
  const text = url.searchParams.get("since") ?? "0";
  if (!sincePattern.test(text)) {
    return refuse("invalid-request", "'since' must be 0, or 'next' of an earlier page");
  }
  const [at = 0, from = at] = text.split(".").map(Number);
  return { ok: true, at, from };
}
