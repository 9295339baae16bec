/** What stands beside a job while it works: services by docker compose, or a frontend that is built and served. */

import type { JobInfra } from "../../shared/job-body.ts";
import type { InfraSetup } from "../../shared/job-result.ts";
import { standUpCompose } from "./compose.ts";
import { createCrew } from "./crew.ts";
import { standUpFrontend } from "./frontend.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { problemNote, serveNote } from "./prompt-notes.ts";
import type { SetupEnd, StandUpOptions } from "./setup.ts";
import { showError } from "./show-error.ts";

export type { StandUpOptions };

export type StandUp = {
  /** The job's stop cut it short. */
  readonly isStopped: boolean;
  /** For `result.infraSetup`; null where nothing was to be stood up. */
  readonly record: InfraSetup | null;
  /** Redacted sentences for the agent's prompt, in order. */
  readonly promptNotes: readonly string[];
  /** Why not everything is up, redacted. */
  readonly problem: string | null;
  readonly serveUrl: string | null;
  /** Of what stands: a sweep of the agent's processes has to spare them. */
  readonly sessions: () => readonly number[];
  /** Takes everything down. Idempotent, never rejects, bounded in time; to be called in every case. */
  readonly close: () => Promise<void>;
};

/** Never rejects: what went wrong is in the record and the notes. */
export async function standUpInfra(options: StandUpOptions): Promise<StandUp> {
  const { infra } = options;
  if (infra.kind === "frontend") {
    const crew = createCrew(options);
    const setUp = (): Promise<SetupEnd> => standUpFrontend(options, { infra, crew });
    return standUp(options, { setUp, close: crew.close, sessions: crew.sessions });
  }
  const { composePath } = infra;
  if (infra.environment !== "local" || infra.noInfraDependencies || composePath === undefined) return nothing;
  const crew = createCrew(options);
  const compose = standUpCompose(options, { composePath, crew });
  return standUp(options, { ...compose, sessions: crew.sessions, composePath });
}

/** What a structured result says its environment was; null without infrastructure. */
export function environmentOf(infra: JobInfra | undefined): "local" | "ephemeral" | null {
  if (infra === undefined) return null;
  return infra.kind === "frontend" ? "ephemeral" : infra.environment;
}

/** A prompt with what its agent has to know of the stand-up. */
export function appendNotes(prompt: string, standUp: StandUp | null): string {
  const notes = standUp?.promptNotes ?? [];
  return notes.length === 0 ? prompt : `${prompt}\n\nNote: ${notes.join(" ")}`;
}

const nothing: StandUp = {
  isStopped: false,
  record: null,
  promptNotes: [],
  problem: null,
  serveUrl: null,
  sessions: () => [],
  close: () => Promise.resolve(),
};

type Setup = {
  readonly setUp: () => Promise<SetupEnd>;
  readonly close: () => Promise<void>;
  readonly sessions: () => readonly number[];
  readonly composePath?: string;
};

async function standUp(options: StandUpOptions, setup: Setup): Promise<StandUp> {
  const { context, clock, infra } = options;
  const startedAt = clock.now();
  const heart = startHeartbeat(context, clock);
  const end = await setup.setUp().catch((error: unknown) => defect(error));
  heart.stop();
  const { serveUrl, started, logs } = end;
  const problem = end.problem === null ? null : showError(end.problem, context.redact);
  const isStopped = context.stop.aborted;
  if (problem !== null && !isStopped) context.report.note("infra-problem", problem);
  const at = clock.now();
  return {
    isStopped,
    record: {
      started,
      ...(setup.composePath !== undefined && { composePath: setup.composePath }),
      at,
      durationMs: Math.max(0, at - startedAt),
      ...(logs !== "" && { logs }),
      ...(problem !== null && { error: problem }),
    },
    promptNotes: [
      ...(problem === null ? [] : [problemNote(problem)]),
      ...(serveUrl === null ? [] : [serveNote(serveUrl, infra)]),
    ],
    problem,
    serveUrl,
    sessions: setup.sessions,
    close: setup.close,
  };
}

function defect(error: unknown): SetupEnd {
  const problem = error instanceof Error ? error.message : String(error);
  return { started: false, problem, serveUrl: null, logs: "" };
}
