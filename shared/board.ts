/** What a board shows: one card for each job of its executions, and what has changed of them since. */

import * as z from "zod";
import { JobAbout } from "./about.ts";
import { BoardName, ExecutionId, JobId } from "./ids.ts";
import { DeadlineView, Status } from "./job-view.ts";
import { Limits } from "./limits.ts";
import { Outcome } from "./outcomes.ts";

const time = z.int();
const count = z.int().min(0);

export const Card = z
  .object({
    executionId: ExecutionId,
    jobId: JobId,
    round: z.int().min(1),
    /** `labels.title`, else the job's id. */
    title: z.string(),
    labels: z.record(z.string(), z.string()),
    about: JobAbout.nullable(),
    status: Status,
    phase: z.string(),
    /** Counts of all items; of the items a window that begins shortly before the first open one. */
    progress: z
      .object({
        completed: count,
        inProgress: count,
        total: count,
        items: z.array(z.object({ label: z.string(), status: z.string() })).max(Limits.cardItems),
      })
      .nullable(),
    /** When the harness beat, the agent printed and a tool call ended last; null before the first. */
    signals: z.object({ process: time.nullable(), output: time.nullable(), tool: time.nullable() }),
    /** 0 before the first attempt. */
    attempt: count,
    recoveries: count,
    usage: z.object({
      containerSeconds: z.number(),
      input: count,
      cacheRead: count,
      cacheWrite: count,
      output: count,
    }),
    /** The next moment at which the job is stopped or fails, or its preview ends, unless something happens first. */
    deadline: DeadlineView.omit({ remainingMs: true }).nullable(),
    attention: z.object({ since: time, why: z.string() }).nullable(),
    /** Its place in the line for a slot, while it waits for one. */
    queue: z.object({ position: z.int().min(1), live: count, max: count }).nullable(),
    outcome: Outcome.omit({ evidence: true }).nullable(),
    /** The pull or merge request, once the job has ended and told of one. */
    prUrl: z.string().max(Limits.cardTextChars).optional(),
    /** The acceptance. */
    startedAt: time,
    endedAt: time.nullable(),
    /** That of the job's view: equal revisions, equal views. */
    revision: time,
    /** The execution's clock when it said this. */
    asOf: time,
    /** From then on the execution should have been heard again, and what the card says is to be doubted; null once ended. */
    staleAt: time.nullable(),
  })
  .meta({ id: "Card", description: "What a board shows of a job." });
export type Card = z.infer<typeof Card>;

/** What `since` may be: a revision, or a revision within a snapshot that is read in pages. */
export const sincePattern = /^\d{1,16}(\.\d{1,16})?$/;

export const BoardPage = z
  .object({
    board: BoardName,
    /** The newest revision of the board; 0 where no execution was ever on it. */
    revision: count,
    /** What to ask for next as `since`. */
    next: z.string().regex(sincePattern),
    /** More cards than fit have changed: ask again at once. */
    more: z.boolean(),
    /** What was asked for is not known any more, or everything was: forget all cards before taking these. */
    reset: z.boolean(),
    /** Executions of which all cards are gone; to be applied before `cards`. */
    removed: z.array(ExecutionId),
    /** Oldest change first. */
    cards: z.array(Card),
    /** How long to wait before asking again, where nothing waits with `wait`. */
    nextMs: z.int().min(1),
    /** The board's clock at reading; the only field that does not wait for a change. */
    asOf: time,
  })
  .meta({ id: "BoardPage", description: "What has changed on a board since a revision of it." });
export type BoardPage = z.infer<typeof BoardPage>;
