import type { Refusal } from "../../shared/errors.ts";
import type { Authenticator } from "../auth/authenticator.ts";
import type { Boards } from "../board/client.ts";
import { type Executions, callExecution } from "../executions.ts";
import type { ExecutionRpc } from "../execution/rpc.ts";
import type { Reference } from "../reference/reference.ts";
import type { Clock, Log, Random, Timer } from "../ports.ts";
import type { Assets } from "./page.ts";

/** What the edge works with; everything of a deployment comes in here. */
export type EdgeDeps = {
  readonly executions: Executions;
  readonly boards: Boards;
  readonly authenticate: Authenticator;
  /** Whether this caller may make one more request. */
  readonly isWithinRate: (caller: string) => Promise<boolean>;
  /** Hosts that may receive a job's git token. */
  readonly allowedHosts: readonly string[];
  /** The files of the page. */
  readonly assets: Assets;
  readonly random: Random;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly log: Log;
  /** Masks what looks like a secret in texts that quote a request. */
  readonly redact: (text: string) => string;
  readonly reference: Reference;
};

/** One request whose caller is known and whose ids are valid; an id its route does not have is empty. */
export type Call = {
  readonly request: Request;
  readonly url: URL;
  readonly jobId: string;
  readonly executionId: string;
  /** Names the request in both logs. */
  readonly requestId: string;
  readonly board: string;
};

export type Handler = (call: Call, deps: EdgeDeps) => Promise<Response | Refusal>;

export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(body, { status, headers });
}

/** The caller has the newest already. */
export function unchanged(headers: { readonly etag: string }): Response {
  return new Response(null, { status: 304, headers });
}

/** Asks the object of an execution; its refusals are answers. */
export function ask<T>(
  { executions }: EdgeDeps,
  executionId: string,
  question: (execution: ExecutionRpc) => Promise<T>,
): Promise<T> {
  return callExecution(executions, executionId, question);
}
