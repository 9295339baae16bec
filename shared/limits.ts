/** The one table of bounds. Every byte from outside is measured against a row of it before it is walked or stored. */

const KiB = 1024;
const MiB = 1024 * KiB;

export const Limits = {
  /** One dispatch body; its fields are bounded by this and never cut. */
  dispatchBytes: 4 * MiB,
  /** A beat without its terminal result. */
  beatBytes: 256 * KiB,
  beatEvents: 500,
  /** A terminal beat: a full batch, the result, and the envelope round both. */
  terminalBeatBytes: 256 * KiB + MiB + 64 * KiB,
  eventBytes: 32 * KiB,
  eventTextChars: 16 * KiB,
  resultBytes: MiB,
  /** Bodies of cancel, extend and similar small requests. */
  smallBodyBytes: 64 * KiB,
  /** Checked by a scan of the bytes, before any recursive walk: a body of 20,000 brackets overflows the stack of one. */
  nestingDepth: 32,
  /** A view over HTTP; clients of the job protocol refuse answers of 200,000 bytes and more. */
  viewBytes: 199_000,
  spansPerRead: 200,
  spansPerTerminalRead: 100,
  jobIdChars: 256,
  phaseChars: 60,
  executionNameChars: 128,
  reasonChars: 1_000,
  labelChars: 200,
  labels: 20,
  boardChars: 63,
  jobsPerExecution: 200,
  notesPerJob: 50,
  evidencePerJob: 40,
  /** Budgets allow twenty of each of two kinds. */
  recoveriesPerRound: 40,
  logTailLines: 60,
  logTailLineChars: 500,
  eventsPerExecution: 20_000,
  eventBytesPerExecution: 64 * MiB,
  /** Never pruned: how an execution began is what a post-mortem needs first. */
  firstEventsKept: 2_000,
  eventsPerRead: 1_000,
  /** Of the event bodies in one page. */
  pageBytes: MiB,
  beatsPerSecond: 20,
  /** The harness's buffer of unacknowledged events. */
  beatBufferBytes: 4 * MiB,
  /** SQLite rows on the platform end at 2 MB. */
  specChunkBytes: MiB,
  waitSecondsMax: 25,
  /** Of each name that a job's view shows of its spec. */
  aboutChars: 200,
  /** Of an address that a job's view shows; one that is longer is left out. */
  aboutUrlChars: 1_000,
  /** One card; beyond it the items of its progress go, then its labels but the title. */
  cardBytes: 8 * KiB,
  cardItems: 30,
  cardItemChars: 120,
  cardTextChars: 500,
  cardsPerPage: 100,
  cardsPerTelling: 50,
  cardsPerBoard: 5_000,
  /** Executions that a board remembers to have lost, so that a reader learns of it. */
  removedPerBoard: 1_000,
} as const;
