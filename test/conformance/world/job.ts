/** One job of the kit's at the harness under test: its body, its agent, its views. */

import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { Mismatch, demand, demandSame, show } from "../demand.ts";
import type { JobPlace } from "./agent-folder.ts";
import type { Answer, Client } from "./client.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** A view as the contract has it; what else is in it may be anything. */
export const View = z.looseObject({
  id: z.string(),
  state: z.enum(["running", "done", "failed"]),
  startedAt: z.number(),
  heartbeatAt: z.number(),
  phase: z.string(),
  progress: z
    .looseObject({
      completed: z.number(),
      inProgress: z.number(),
      total: z.number(),
      items: z.array(z.looseObject({ label: z.string(), status: z.string() })).optional(),
    })
    .optional(),
  result: z.looseObject({ error: z.string().optional(), summary: z.string().optional() }).optional(),
  error: z.string().optional(),
  failureCause: z.string().optional(),
  detail: z.string().optional(),
  spans: z
    .array(z.looseObject({ tool: z.string(), startedAt: z.number(), endedAt: z.number(), ok: z.boolean() }))
    .optional(),
  followUps: z.array(z.looseObject({ kind: z.string(), title: z.string(), detail: z.string() })).optional(),
});
export type View = z.infer<typeof View>;
export type Span = NonNullable<View["spans"]>[number];
export type FollowUp = NonNullable<View["followUps"]>[number];

/** The last view of a job, and everything that earlier ones handed over. */
export type Ended = {
  readonly view: View;
  readonly text: string;
  /** Of every view that was read, in order. */
  readonly spans: readonly Span[];
  readonly followUps: readonly FollowUp[];
};

export type Job = {
  readonly id: string;
  readonly model: string;
  readonly body: Fields;
  readonly place: JobPlace;
  /** Dispatches the body; fields given here stand in place of the body's. */
  readonly post: (fields?: Fields) => Promise<Answer>;
  readonly read: (query?: string) => Promise<Answer>;
  readonly view: () => Promise<View>;
  /** Polls until this is so of a view; `withinMs` from now. */
  readonly until: (isSo: (view: View) => boolean, withinMs?: number) => Promise<Ended>;
  readonly ended: (withinMs?: number) => Promise<Ended>;
  readonly stop: (wish?: unknown) => Promise<Answer>;
};

const pollMs = 60;
const endsWithinMs = 45_000;

export function makeJob(
  client: Client,
  { body, place, model }: { readonly body: Fields; readonly place: JobPlace; readonly model: string },
): Job {
  const id = String(body["jobId"]);
  const path = `/jobs/${encodeURIComponent(id)}`;
  const read = (query = ""): Promise<Answer> => client.send("GET", `${path}${query}`);
  const view = async (): Promise<View> => readView(await read());
  const until = async (isSo: (view: View) => boolean, withinMs = endsWithinMs): Promise<Ended> => {
    const spans: Span[] = [];
    const followUps: FollowUp[] = [];
    let last: Ended | null = null;
    for (const limit = performance.now() + withinMs; performance.now() < limit; await sleep(pollMs)) {
      const answer = await read();
      const seen = readView(answer);
      spans.push(...(seen.spans ?? []));
      followUps.push(...(seen.followUps ?? []));
      last = { view: seen, text: answer.text, spans, followUps };
      if (isSo(seen)) return last;
      if (seen.state !== "running") break;
    }
    throw new Mismatch(`another view within ${withinMs / 1_000} s`, last?.text);
  };
  return {
    id,
    model,
    body,
    place,
    post: (fields = {}) => client.send("POST", "/jobs", { body: JSON.stringify({ ...body, ...fields }) }),
    read,
    view,
    until,
    ended: (withinMs) => until(({ state }) => state !== "running", withinMs),
    stop: (wish = { cause: "cancelled", graceMs: 1_000 }) =>
      client.send("DELETE", path, { body: JSON.stringify(wish) }),
  };
}

/** The job did what it was to do. */
export function demandSuccess({ state, error, result }: View): void {
  const seen = { state, error: error ?? null, resultError: result?.error ?? null };
  demandSame("the end", seen, { state: "done", error: null, resultError: null });
}

export function readView({ status, body, text }: Answer): View {
  demand(status === 200, "200 with the view of a job", `${status} ${text}`);
  const view = View.safeParse(body);
  if (!view.success) {
    const [issue] = view.error.issues;
    throw new Mismatch(`a view with '${issue?.path.join(".") ?? ""}': ${issue?.message ?? ""}`, show(body));
  }
  return view.data;
}
