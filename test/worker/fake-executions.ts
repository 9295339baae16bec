import { refuse } from "../../shared/errors.ts";
import type { JobView } from "../../shared/job-view.ts";
import { resolvePolicy } from "../../shared/policy.ts";
import type { DispatchRequest, ExecutionRpc } from "../../worker/execution/rpc.ts";
import type { Executions } from "../../worker/executions.ts";

export type Asked = { readonly executionId: string; readonly method: string; readonly argument: unknown };

/** Objects that write down what they are asked and answer what a test says, else what an empty object would. */
export function fakeExecutions(answers: Partial<ExecutionRpc> = {}) {
  const asked: Asked[] = [];
  const dispatched: DispatchRequest[] = [];
  const executions: Executions = {
    named: (executionId) => {
      const note = (method: string, argument?: unknown) => asked.push({ executionId, method, argument });
      return {
        dispatch: async (request) => {
          note("dispatch", request);
          dispatched.push(request);
          return answers.dispatch?.(request) ?? { ok: true, answer: accepted(request) };
        },
        take: async (jobId) => {
          note("take", jobId);
          return answers.take?.(jobId) ?? refuse("job-not-found", "job not found");
        },
        read: async (request) => {
          note("read", request);
          return answers.read?.(request) ?? refuse("job-not-found", "job not found");
        },
        result: async (jobId) => {
          note("result", jobId);
          return answers.result?.(jobId) ?? { ok: true, round: 1, result: null };
        },
        execution: async (request) => {
          note("execution", request);
          return answers.execution?.(request) ?? refuse("execution-not-found", "execution not found");
        },
        events: async (request) => {
          note("events", request);
          return (
            answers.events?.(request) ?? {
              ok: true,
              page: { executionId, events: [], next: request.after, newest: 0, gaps: [] },
              tag: "0.0",
              live: false,
            }
          );
        },
        cancel: async (request) => {
          note("cancel", request);
          return answers.cancel?.(request) ?? { ok: true, answer: stopped(request.jobId) };
        },
        release: async (request) => {
          note("release", request);
          return answers.release?.(request) ?? { ok: true, answer: stopped(request.id) };
        },
        beat: async (request) => {
          note("beat", request);
          return (
            answers.beat?.(request) ?? { ok: true, reply: '{"ack":0,"directives":[],"nextBeatMs":10000}' }
          );
        },
        extend: async (request) => {
          note("extend", request);
          return answers.extend?.(request) ?? refuse("job-not-found", "job not found");
        },
        tend: async () => {
          note("tend");
          return answers.tend?.() ?? { live: false, nextDeadlineAt: null, destroyedMs: null };
        },
        granted: async () => {
          note("granted");
          await answers.granted?.();
        },
      };
    },
  };
  return { asked, dispatched, executions };
}

export function makeView(changes: Partial<JobView> = {}): JobView {
  const resolved = resolvePolicy({});
  if (!resolved.ok) throw new Error(resolved.error);
  return {
    id: "exec_1-coder",
    state: "running",
    status: "running",
    startedAt: 1,
    heartbeatAt: 2,
    phase: "agent",
    executionId: "exec_1",
    round: 1,
    attempt: 1,
    revision: 41,
    asOf: 3,
    labels: {},
    board: "main",
    cursor: 9,
    signals: { process: null, output: null, tool: null },
    deadlines: [],
    policy: resolved.policy,
    notes: [],
    container: null,
    exit: null,
    outcome: null,
    recoveries: [],
    gaps: [],
    usage: { containerSeconds: 0, tokens: [] },
    attention: null,
    ...changes,
  };
}

function accepted({ jobId, executionId }: { readonly jobId: string; readonly executionId: string }) {
  return { jobId, executionId, state: "running", status: "queued", attempt: 0, round: 1 } as const;
}

function stopped(jobId: string) {
  return { jobId, state: "done", status: "done" } as const;
}
