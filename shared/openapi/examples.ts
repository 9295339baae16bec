/** One execution seen from all sides: what the description of the API shows. Tests parse each by its schema. */

import type * as z from "zod";
import type { BoardPage } from "../board.ts";
import type { ExtendRequest, NativeDispatch } from "../dispatch.ts";
import type { EventsPage, ExecutionEvent } from "../events.ts";
import type { DispatchAnswer, ExecutionView, ExtendAnswer, JobView, StopAnswer } from "../job-view.ts";
import type { Policy } from "../policy.ts";

export const ids = { executionId: "exec_4f2", jobId: "exec_4f2-fix", board: "main" } as const;
const instance = "95b7e2fd-2c1e-4c39-9d51-0f7a86f8f3a1";
const acceptedAt = 1_795_353_003_000;

/** Dollar names are filled in by the shell, so that no token stands in a command. */
export const spec = {
  mode: "coding",
  systemPrompt: "You are a careful software engineer.",
  userPrompt: "The test of the cart is flaky. Find out why, and fix it.",
  model: "gpt-5",
  proxyBaseUrl: "https://api.openai.com/v1",
  sessionToken: "$OPENAI_API_KEY",
  ghToken: "$GITHUB_TOKEN",
  repo: {
    owner: "acme",
    name: "shop",
    baseBranch: "main",
    cloneUrl: "https://github.com/acme/shop.git",
  },
  branch: "main",
  newBranch: "holt/4f2",
  pr: { title: "Fix the flaky test of the cart" },
} as const;

export const jobRequest = { kind: "agent", jobId: "exec_7a1-fix", ...spec, newBranch: "holt/7a1" } as const;

export const nativeDispatch = {
  jobId: ids.jobId,
  labels: { title: "Fix the flaky test" },
  policy: { maxDurationMs: 1_800_000 },
  spec,
} as const satisfies z.input<typeof NativeDispatch>;

export const dispatched = {
  jobId: ids.jobId,
  state: "running",
  status: "starting",
  executionId: ids.executionId,
  attempt: 0,
  round: 1,
} as const satisfies DispatchAnswer;

export const protocolDispatched = {
  ...dispatched,
  jobId: jobRequest.jobId,
  executionId: "exec_7a1",
} as const;

const policy = {
  queuedMs: 600_000,
  startingMs: 90_000,
  silenceMs: 45_000,
  cloneMs: 600_000,
  setupMs: 1_500_000,
  pushMs: 300_000,
  inactivityMs: 600_000,
  toolSilenceMs: 1_800_000,
  coldStartMs: 120_000,
  maxDurationMs: 1_800_000,
  stopGraceMs: 10_000,
  killGraceMs: 5_000,
  previewMs: 1_800_000,
  idleMs: 60_000,
  retentionMs: 604_800_000,
  recovery: "heal",
  budgets: { crash: 1, transient: 5 },
  scale: 1,
} as const satisfies Policy;

const about = {
  repository: "acme/shop",
  branch: "holt/4f2",
  agent: "pi",
  model: "gpt-5",
  mode: "coding",
} as const;
const progress = {
  completed: 1,
  inProgress: 1,
  total: 3,
  items: [
    { label: "Reproduce the failure", status: "completed" },
    { label: "Find the cause", status: "in_progress" },
    { label: "Fix it", status: "pending" },
  ],
};
const inactivity = {
  name: "inactivity",
  at: acceptedAt + 664_100,
  remainingMs: 599_100,
  extendable: true,
  why: "the job is stopped unless its agent shows activity",
} as const;
const maxDuration = {
  name: "max-duration",
  at: acceptedAt + 1_802_000,
  remainingMs: 1_737_000,
  extendable: true,
  why: "the job is stopped, whatever it does",
} as const;
const container = {
  id: "72a653915efef2a286640260404826289c4c5543499a53d637ff2268aa1b1032",
  instance,
  image: "harness",
  size: "standard-1",
  running: true,
  coldStartMs: 1_780,
} as const;

export const jobView = {
  id: ids.jobId,
  state: "running",
  status: "running",
  startedAt: acceptedAt,
  heartbeatAt: acceptedAt + 64_100,
  phase: "agent",
  progress,
  executionId: ids.executionId,
  round: 1,
  attempt: 1,
  revision: acceptedAt + 65_001,
  asOf: acceptedAt + 65_000,
  labels: { title: "Fix the flaky test" },
  board: ids.board,
  about,
  cursor: 41,
  signals: {
    process: { at: acceptedAt + 65_000, ageMs: 0 },
    output: { at: acceptedAt + 64_100, ageMs: 900 },
    tool: { at: acceptedAt + 58_000, ageMs: 7_000 },
  },
  deadlines: [inactivity, maxDuration],
  policy,
  notes: [],
  container,
  exit: null,
  outcome: null,
  recoveries: [],
  gaps: [],
  usage: {
    containerSeconds: 63.2,
    tokens: [{ model: "gpt-5", input: 18_211, cacheRead: 90_112, cacheWrite: 0, output: 2_714 }],
  },
  attention: null,
  logTail: ["agent: the cart is filled by two timers; the test waits for one"],
} as const satisfies ReadOnly<JobView>;

/** A read with `after` and the view of an execution give up the log tail. */
const { logTail: _logTail, ...inExecution } = jobView;

export const protocolView = {
  ...inExecution,
  id: jobRequest.jobId,
  executionId: "exec_7a1",
  labels: {},
  about: { ...about, branch: jobRequest.newBranch },
} as const satisfies ReadOnly<JobView>;

export const executionView = {
  executionId: ids.executionId,
  board: ids.board,
  revision: jobView.revision,
  asOf: jobView.asOf,
  cursor: jobView.cursor,
  jobs: [inExecution],
  instance: container,
  deadlines: [inactivity, maxDuration],
  containerSeconds: 63.2,
} as const satisfies ReadOnly<ExecutionView>;

const event = {
  cursor: 1,
  at: acceptedAt,
  kind: "dispatched",
  jobId: ids.jobId,
  round: 1,
  attempt: null,
  instance: null,
} as const satisfies ExecutionEvent;
const started = {
  ...event,
  cursor: 2,
  at: acceptedAt + 120,
  kind: "instance-started",
  jobId: null,
  round: null,
  attempt: null,
  instance,
} as const satisfies ExecutionEvent;

export const eventsPage = {
  executionId: ids.executionId,
  events: [event, started],
  next: 2,
  newest: 41,
  gaps: [],
} as const satisfies ReadOnly<EventsPage>;

export const eventStream = `retry: 1000

id: 1
event: dispatched
data: ${JSON.stringify(event)}

id: 2
event: instance-started
data: ${JSON.stringify(started)}
`;

export const cancelRequest = { reason: "not wanted any more" } as const;
export const stopped = {
  jobId: ids.jobId,
  state: "failed",
  status: "cancelled",
} as const satisfies StopAnswer;
export const protocolStopped = { ...stopped, jobId: jobRequest.jobId } as const;
export const released = {
  jobId: ids.executionId,
  state: "done",
  status: "done",
} as const satisfies StopAnswer;

export const extendRequest = {
  deadline: "max-duration",
  until: acceptedAt + 7_200_000,
} as const satisfies ExtendRequest;
export const extended = {
  jobId: ids.jobId,
  deadline: "max-duration",
  at: extendRequest.until,
} as const satisfies ExtendAnswer;

const { remainingMs: _remainingMs, ...cardDeadline } = inactivity;
export const boardPage = {
  board: ids.board,
  revision: acceptedAt + 65_002,
  next: String(acceptedAt + 65_002),
  more: false,
  reset: true,
  removed: [],
  cards: [
    {
      executionId: ids.executionId,
      jobId: ids.jobId,
      round: 1,
      title: "Fix the flaky test",
      labels: { title: "Fix the flaky test" },
      about,
      status: "running",
      phase: "agent",
      progress,
      signals: { process: acceptedAt + 65_000, output: acceptedAt + 64_100, tool: acceptedAt + 58_000 },
      attempt: 1,
      recoveries: 0,
      usage: { containerSeconds: 63.2, input: 18_211, cacheRead: 90_112, cacheWrite: 0, output: 2_714 },
      deadline: cardDeadline,
      attention: null,
      queue: null,
      outcome: null,
      startedAt: acceptedAt,
      endedAt: null,
      revision: jobView.revision,
      asOf: jobView.asOf,
      staleAt: jobView.asOf + 150_000,
    },
  ],
  nextMs: 2_000,
  asOf: acceptedAt + 65_010,
} as const satisfies ReadOnly<BoardPage>;

/** Its hashes are right. */
export const bundle = `{"prev":null,"kind":"bundle","v":1,"executionId":"exec_4f2"}
{"prev":"6a0687800af5dd8580763500c11a49b969a7f8395f9131a0baad7e12ef82ef8b","kind":"event","event":{"cursor":1,"at":1795353003000,"kind":"dispatched","jobId":"exec_4f2-fix","round":1,"attempt":null,"instance":null}}
{"prev":"32dfc3c134c536c367583b562d44a94a2fb537d5dbf920b8170cac9545a3412f","kind":"event","event":{"cursor":2,"at":1795353003120,"kind":"instance-started","jobId":null,"round":null,"attempt":null,"instance":"95b7e2fd-2c1e-4c39-9d51-0f7a86f8f3a1"}}
{"prev":"e0440500fd237bf745c4db9650635b6457a8e23bb0992ff2876356becc654771","kind":"export","at":1795353068000,"holt":"0.1.0","newest":2}
{"prev":"75fc523178db88648d4d6ab7756d3a1b1f18c95234a7516fc4e68331301c60be","kind":"job","job":{"id":"exec_4f2-fix","state":"running","status":"starting"}}
{"prev":"b0dc57e80eb0b124262bd80cab2564b4cf6b3b888b7714f9674ac28c4033fa26","kind":"end","events":2,"gaps":0,"missing":0,"jobs":1,"cursor":2,"head":"e0440500fd237bf745c4db9650635b6457a8e23bb0992ff2876356becc654771"}
`;

/** The type of a value that is only read. */
type ReadOnly<T> = T extends object ? { readonly [K in keyof T]: ReadOnly<T[K]> } : T;
