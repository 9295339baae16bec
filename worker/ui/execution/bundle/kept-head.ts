import type { BundleHead } from "../../../../shared/bundle/line.ts";
import type { Client } from "../../../../shared/client/calls.ts";
import type { JobView } from "../../../../shared/job-view.ts";

/**
 * The hash of the log's line at which the newest end stands, as the server keeps it beside the bundle; it covers every line
 * before. Null where no job has ended, where pruning dropped that line, and where the server does not say.
 */
export async function keptHead(
  client: Pick<Client<Response>, "call">,
  executionId: string,
  jobs: readonly Pick<JobView, "id" | "state" | "heartbeatAt">[],
): Promise<BundleHead | null> {
  const ended = jobs.filter(({ state }) => state !== "running");
  const [last] = ended.toSorted((a, b) => b.heartbeatAt - a.heartbeatAt);
  if (last === undefined) return null;
  const reply = await client.call("job", { path: { executionId, jobId: last.id } });
  return reply.kind === "answer" ? (reply.value.bundle ?? null) : null;
}

/**
 * What a bundle that was read between the two must have. Pruning makes a hash another one: where it struck meanwhile, neither
 * need be in the bundle, true as it is.
 */
export function headsBetween(before: BundleHead | null, after: BundleHead | null): readonly BundleHead[] {
  const isSteady = before !== null && before.cursor === after?.cursor && before.head === after.head;
  return isSteady ? [before] : [];
}
