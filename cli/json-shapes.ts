/** What `--json` prints where it is no shape of the API; `docs/cli.md` lists which command prints which. */
import * as z from "zod";
import { CallFailure } from "../shared/client.ts";
import { ExecutionEvent, PrunedGap } from "../shared/events.ts";
import { JobView } from "../shared/job-view.ts";

/** A line of `events`, `logs` and `watch`. */
export const EventLine = z.object({ kind: z.literal("event"), event: ExecutionEvent });
export const GapLine = z.object({ kind: z.literal("gap"), gap: PrunedGap });
/** The last line of `watch`. */
export const EndLine = z.object({ kind: z.literal("end"), job: JobView });
export const WatchLine = z.discriminatedUnion("kind", [EventLine, GapLine, EndLine]);

/** Of `verify`, and of `bundle` with a file. */
export const BundleReport = z.object({
  ok: z.boolean(),
  executionId: z.string().nullable(),
  lines: z.int(),
  events: z.int(),
  gaps: z.int(),
  missing: z.int(),
  jobs: z.int(),
  cursor: z.int(),
  head: z.string().nullable(),
  problem: z.object({ line: z.int(), text: z.string() }).optional(),
});

export const LoginReport = z.object({ url: z.url(), scope: z.enum(["read", "dispatch"]), path: z.string() });
export type LoginReport = z.infer<typeof LoginReport>;

/** Of `board`. The address has the token in it. */
export const BoardReport = z.object({ board: z.string(), url: z.url(), opened: z.boolean() });
export type BoardReport = z.infer<typeof BoardReport>;

/** On the error stream, when a command with `--json` fails: what the API said, or what was wrong before it was asked. */
export const LocalComplaint = z.object({
  code: z.enum(["usage", "unauthorized", "failed"]),
  error: z.string(),
});
export type LocalComplaint = z.infer<typeof LocalComplaint>;
export const Complaint = z.union([CallFailure, LocalComplaint]);
