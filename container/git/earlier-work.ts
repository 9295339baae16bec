import { isSuccess } from "../process/exit.ts";
import { type Outbox, inOutbox, isBeyond } from "./outbox.ts";

/**
 * Whether a pushed branch holds work of an earlier attempt: anything beyond `first`, the commit that the first attempt
 * began from. Of a history that is there as a whole and does not have it, nothing is known to be the job's.
 */
export async function hasEarlierWork(outbox: Outbox, pushed: string, first: string): Promise<boolean> {
  if (pushed === first) return false;
  const found = await outbox.git.try(["cat-file", "-e", `${first}^{commit}`], inOutbox(outbox));
  return isSuccess(found.exit) ? isBeyond(outbox, pushed, first) : isShallow(outbox);
}

/** A shallow checkout was left without what the branch had before. */
async function isShallow(outbox: Outbox): Promise<boolean> {
  const asked = await outbox.git.try(["rev-parse", "--is-shallow-repository"], inOutbox(outbox));
  return asked.stdout.trim() === "true";
}
