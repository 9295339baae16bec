/** Reads what the agent leaves to people, while it works, from a file in its working directory. */

import { join } from "node:path";
import type { FollowUp } from "../../shared/job-result.ts";
import type { JobReport } from "../job-context.ts";
import type { Clock } from "../ports.ts";
import { openGrowingFile } from "./follow-ups/growing-file.ts";
import { toFollowUp } from "./follow-ups/parse.ts";

/** The agent appends one JSON object per line to it; prompts name it. */
export const followUpsFile = ".cat-follow-ups.jsonl";

export type FollowUpOptions = {
  /** The agent's working directory. */
  readonly folder: string;
  readonly report: Pick<JobReport, "followUp" | "note">;
  readonly clock: Clock;
  readonly pollMs: number;
  /** Ends the polling; what is there is still read by `finish`. */
  readonly signal: AbortSignal;
};

export type FollowUps = {
  /** Reads once more, a last line without its end included, when the agent has ended. Idempotent, never rejects. */
  readonly finish: () => Promise<void>;
};

/** More than people read of one job. */
const maxItems = 1_000;

/**
 * Begins to watch. What the file holds at this moment is another job's and is not told. Resolves when that is known, so
 * the agent starts afterwards. A file of another kind (a link, a pipe) is not read.
 */
export async function startFollowUps(options: FollowUpOptions): Promise<FollowUps> {
  const { folder, report, clock, pollMs, signal } = options;
  const told = { items: 0, malformed: 0, overflowing: 0 };
  let isStarted = false;
  const take = (line: string): void => {
    if (!isStarted || line.trim() === "") return;
    const followUp = toFollowUp(line);
    if (followUp === null) told.malformed += 1;
    else if (told.items >= maxItems) told.overflowing += 1;
    else tell(followUp);
  };
  const tell = (followUp: FollowUp): void => {
    told.items += 1;
    report.followUp(followUp);
  };
  const file = openGrowingFile(join(folder, followUpsFile), {
    onLine: take,
    onOverlong: () => (told.malformed += 1),
  });
  await file.readRest();
  isStarted = true;
  const over = new AbortController();
  const polling = poll(file.readMore, { clock, pollMs, signal: AbortSignal.any([signal, over.signal]) });
  let finished: Promise<void> | null = null;
  const finish = async (): Promise<void> => {
    over.abort();
    await polling;
    await file.readRest();
    if (told.malformed > 0) {
      const text = `Lines of ${followUpsFile} that are no follow-ups and were left out: ${told.malformed}.`;
      report.note("follow-ups-skipped", text);
    }
    if (told.overflowing > 0) {
      report.note("follow-ups-skipped", `Follow-ups beyond ${maxItems} were left out: ${told.overflowing}.`);
    }
    for (const trouble of file.troubles()) report.note("follow-ups-unread", `${followUpsFile}: ${trouble}.`);
  };
  return { finish: () => (finished ??= finish()) };
}

type Polling = Pick<FollowUpOptions, "clock" | "pollMs" | "signal">;

async function poll(readMore: () => Promise<void>, { clock, pollMs, signal }: Polling): Promise<void> {
  while (!signal.aborted) {
    const isAwake = await clock.sleep(pollMs, signal).then(
      () => true,
      () => false,
    );
    if (isAwake) await readMore();
  }
}
