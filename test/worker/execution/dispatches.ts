import { type PolicyRequest, resolvePolicy } from "../../../shared/policy.ts";
import type { DispatchRequest } from "../../../worker/execution/rpc.ts";

/** A token in no known shape: only whoever knows its value can redact it. */
export const PLANTED_TOKEN = "planted7Qx1Zr9Lw3Vn5";

type Changes = Partial<Omit<DispatchRequest, "spec" | "policy">> & {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly policy?: PolicyRequest;
};

export function makeDispatch(executionId: string, changes: Changes = {}): DispatchRequest {
  const { spec = {}, policy = {}, ...rest } = changes;
  const jobId = rest.jobId ?? `${executionId}-coder`;
  // Most tests look at one attempt: what is healed is a test's own wish.
  const resolved = resolvePolicy({ recovery: "report", ...policy });
  if (!resolved.ok) throw new Error(resolved.error);
  return {
    door: "job",
    executionId,
    jobId,
    spec: JSON.stringify({ kind: "agent", jobId, prompt: "fix the test", ghToken: PLANTED_TOKEN, ...spec }),
    policy: resolved.policy,
    image: "harness",
    size: "standard-1",
    board: "default",
    labels: {},
    warnings: [],
    again: false,
    ...rest,
  };
}
