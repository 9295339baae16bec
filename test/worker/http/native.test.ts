import { test } from "vitest";
import { ErrorBody, refuse } from "../../../shared/errors.ts";
import { type ExecutionView, JobView } from "../../../shared/job-view.ts";
import { makeView } from "../fake-executions.ts";
import { makeDispatch, makeEdge, makeJobBody, readToken } from "./edge.ts";

const jobs = "/v1/executions/exec_1/jobs";
const job = `${jobs}/exec_1-coder`;

async function errorOf(response: Response) {
  const { code, error } = ErrorBody.parse(await response.json());
  return { status: response.status, code, error };
}

test("a dispatch reaches the execution of its path with what it wishes", async ({ expect }) => {
  const { send, dispatched } = makeEdge();
  const body = makeDispatch({
    board: "team",
    labels: { title: "Fix the test" },
    policy: { silenceMs: 1_000, recovery: "report" },
    instance: "standard-2",
    image: "harness",
    again: true,
  });
  const reply = await send(jobs, { method: "POST", body });
  expect(reply.status).toBe(202);
  const { spec, ...request } = dispatched[0] ?? {};
  expect(request).toMatchObject({
    door: "native",
    executionId: "exec_1",
    jobId: "exec_1-coder",
    policy: { silenceMs: 1_000, recovery: "report" },
    image: "harness",
    size: "standard-2",
    board: "team",
    labels: { title: "Fix the test" },
    again: true,
    warnings: [],
  });
  expect(JSON.parse(spec ?? "")).toEqual(makeJobBody());
});

test("a dispatch says what of its spec may be shown", async ({ expect }) => {
  const { send, dispatched } = makeEdge();
  await send(jobs, { method: "POST", body: makeDispatch() });
  expect(dispatched[0]?.about).toEqual({
    repository: "holt/sample",
    branch: "holt/1",
    agent: "pi",
    model: "scripted",
    mode: "coding",
  });
});

test("a dispatch that wishes nothing heals, on the default board and size", async ({ expect }) => {
  const { send, dispatched } = makeEdge();
  await send(jobs, { method: "POST", body: makeDispatch() });
  expect(dispatched).toMatchObject([
    {
      policy: { recovery: "heal", maxDurationMs: 3_600_000 },
      size: "standard-1",
      board: "main",
      labels: {},
    },
  ]);
});

test("invariant 10: a refusal holds no credential of the dispatch it refuses, whole or cut", async ({
  expect,
}) => {
  const { send, asked } = makeEdge();
  const token = `of-no-shape-${"x7".repeat(40)}`;
  const secret = makeJobBody({ jobId: undefined, kind: undefined, ghToken: token });
  const repo = { owner: "o", name: "n", baseBranch: "main", cloneUrl: `https://${token}.example/x.git` };
  for (const body of [
    makeDispatch({ spec: secret, [`${"-".repeat(230)}${token}`]: 1 }),
    makeDispatch({ spec: secret, policy: { [token]: 1 }, labels: { [token]: 1 } }),
    makeDispatch({ spec: { ...secret, repo } }),
  ]) {
    const reply = await send(jobs, { method: "POST", body });
    const text = await reply.text();
    expect(reply.status).toBe(400);
    expect(text).toContain("***");
    expect(text).not.toContain("of-no-shape");
  }
  expect(asked).toEqual([]);
});

const { spec } = makeDispatch();
const misfits: ReadonlyArray<readonly [string, unknown, number, string, RegExp]> = [
  ["a typo", makeDispatch({ polcy: {} }), 400, "invalid-request", /polcy/],
  [
    "two wrong fields",
    makeDispatch({ board: "No!", policy: { silenceMs: 1 } }),
    400,
    "invalid-request",
    /board: .*policy\.silenceMs: /,
  ],
  ["no spec", { jobId: "exec_1-coder" }, 400, "invalid-request", /^spec: /],
  ["a list", [], 400, "invalid-request", /^the body: /],
  [
    "limits out of order",
    makeDispatch({ policy: { silenceMs: 9_000, inactivityMs: 5_000 } }),
    400,
    "invalid-request",
    /policy\.silenceMs .* policy\.inactivityMs/,
  ],
  [
    "a job id inside the spec",
    { jobId: "exec_1-coder", spec: makeJobBody() },
    400,
    "invalid-request",
    /'spec\.jobId'/,
  ],
  ["a spec without a mode", makeDispatch({ spec: {} }), 400, "invalid-job", /^Invalid job: 'mode'/],
  ["an id of another execution", { jobId: "exec_2-coder", spec }, 409, "wrong-execution", /'exec_2'/],
  ["another execution's own id", { jobId: "exec_2", spec }, 409, "wrong-execution", /'exec_2'/],
  ["a webhook", makeDispatch({ notify: "https://example.com" }), 422, "not-available-yet", /'notify'/],
  ["the ui image", makeDispatch({ image: "ui" }), 422, "not-available-yet", /image/],
];

for (const [what, body, status, code, error] of misfits) {
  test(`a dispatch with ${what} is refused by name, and no object hears of it`, async ({ expect }) => {
    const { send, asked } = makeEdge();
    const refused = await errorOf(await send(jobs, { method: "POST", body }));
    expect(refused).toEqual({ status, code, error: expect.stringMatching(error) });
    expect(asked).toEqual([]);
  });
}

test("a job id that names no execution goes to any", async ({ expect }) => {
  const { send, dispatched } = makeEdge();
  for (const jobId of ["coder", "step-1", "Exec_2-x", "a job", "exec_1"]) {
    expect((await send(jobs, { method: "POST", body: makeDispatch({ jobId }) })).status).toBe(202);
  }
  expect(new Set(dispatched.map(({ executionId }) => executionId))).toEqual(new Set(["exec_1"]));
});

test("what the object refuses keeps its code and details", async ({ expect }) => {
  const { send } = makeEdge({
    answers: {
      dispatch: async () => refuse("spec-differs", "the job lives with another spec", { fields: ["model"] }),
    },
  });
  const reply = await send(jobs, { method: "POST", body: makeDispatch() });
  expect(reply.status).toBe(409);
  expect(await reply.json()).toEqual({
    error: "the job lives with another spec",
    code: "spec-differs",
    requestId: "request-1",
    details: { fields: ["model"] },
  });
});

test("a job is read with a reading token, its revision as entity tag, and nothing is taken", async ({
  expect,
}) => {
  const { send, asked } = makeEdge({ answers: { read: async () => ({ ok: true, view: makeView() }) } });
  const reply = await send(job, { token: readToken });
  expect(reply.status).toBe(200);
  expect(reply.headers.get("etag")).toBe('"41"');
  expect(JobView.parse(await reply.json()).id).toBe("exec_1-coder");
  expect(asked).toEqual([
    { executionId: "exec_1", method: "read", argument: { jobId: "exec_1-coder", door: "native" } },
  ]);
});

test("a read with the newest revision waits as asked and is answered 304", async ({ expect }) => {
  const { send, asked } = makeEdge({
    answers: { read: async () => ({ ok: true, unchanged: true, revision: 41 }) },
  });
  const reply = await send(`${job}?wait=20`, { headers: { "if-none-match": 'W/"41"' } });
  expect(reply.status).toBe(304);
  expect(await reply.text()).toBe("");
  expect(asked[0]?.argument).toEqual({ jobId: "exec_1-coder", door: "native", revision: 41, waitMs: 20_000 });
});

test("a large result is cut from the view and whole with ?result=full", async ({ expect }) => {
  const summary = "s".repeat(400_000);
  const view = makeView({ state: "done", status: "done", result: { summary, pushed: true } });
  const { send } = makeEdge({
    answers: {
      read: async () => ({ ok: true, view }),
      result: async () => ({ ok: true, round: view.round, result: JSON.stringify(view.result) }),
    },
  });
  const cut = await (await send(job)).text();
  expect(cut.length).toBeLessThan(200_000);
  expect(JSON.parse(cut)).toMatchObject({
    result: { pushed: true, error: expect.stringContaining("result-too-large") },
  });
  expect(await (await send(`${job}?result=full`)).json()).toMatchObject({
    result: { summary, pushed: true },
  });
});

test("a whole result is that of the view beside it, also where another round begins between the two", async ({
  expect,
}) => {
  const first = makeView({ state: "done", status: "done", round: 1, result: { summary: "first" } });
  const second = makeView({ state: "done", status: "done", round: 2, result: { summary: "second" } });
  const views = [first, second];
  const { send } = makeEdge({
    answers: {
      read: async () => ({ ok: true, view: views.shift() ?? second }),
      result: async () => ({ ok: true, round: 2, result: JSON.stringify(second.result) }),
    },
  });
  expect(await (await send(`${job}?result=full`)).json()).toMatchObject({
    round: 2,
    result: { summary: "second" },
  });
});

const misreads: ReadonlyArray<readonly [string, RegExp]> = [
  [`${job}?wait=26`, /'wait' must be a whole number from 0 to 25/],
  [`${job}?wait=-1`, /'wait'/],
  [`${job}?after=1.5`, /'after'/],
  ["/v1/executions/exec_1/events?after=x", /'after'/],
  ["/v1/executions/exec_1/events?limit=0", /'limit' must be a whole number from 1 to 1000/],
  ["/v1/executions/exec_1/events?wait=26", /'wait' must be a whole number from 0 to 25/],
  ["/v1/executions/exec_1?wait=x", /'wait'/],
];

for (const [path, error] of misreads) {
  test(`${path} is refused and reaches no object`, async ({ expect }) => {
    const { send, asked } = makeEdge();
    const refused = await errorOf(await send(path));
    expect(refused).toEqual({ status: 400, code: "invalid-request", error: expect.stringMatching(error) });
    expect(asked).toEqual([]);
  });
}

test("events are read in pages after a cursor", async ({ expect }) => {
  const { send, asked } = makeEdge();
  await send("/v1/executions/exec_1/events", { token: readToken });
  const reply = await send("/v1/executions/exec_1/events?after=12&limit=5", { token: readToken });
  expect(await reply.json()).toEqual({ executionId: "exec_1", events: [], next: 12, newest: 0, gaps: [] });
  expect(asked.map(({ argument }) => argument)).toEqual([
    { after: 0, limit: 200 },
    { after: 12, limit: 5 },
  ]);
});

test("a page of events has a tag, waits as asked, and is 304 while the log stands", async ({ expect }) => {
  const page = { executionId: "exec_1", events: [], next: 3, newest: 3, gaps: [] };
  const { send, asked } = makeEdge({
    answers: { events: async () => ({ ok: true, page, tag: "3.77", live: true }) },
  });
  const path = "/v1/executions/exec_1/events?after=3&wait=20";
  const first = await send(path, { token: readToken });
  expect(first.headers.get("etag")).toBe('"3.77"');
  expect(await first.json()).toEqual(page);
  const second = await send(path, { token: readToken, headers: { "if-none-match": '"3.77"' } });
  expect(second.status).toBe(304);
  expect(second.headers.get("etag")).toBe('"3.77"');
  const third = await send(path, { token: readToken, headers: { "if-none-match": '"2.77"' } });
  expect(third.status).toBe(200);
  const range = { after: 3, limit: 200, waitMs: 20_000 };
  expect(asked.map(({ argument }) => argument)).toEqual([
    range,
    { ...range, tag: "3.77" },
    { ...range, tag: "2.77" },
  ]);
});

test("an execution has its revision as entity tag, waits as asked, and is 304 while that is the newest", async ({
  expect,
}) => {
  const view: ExecutionView = {
    executionId: "exec_1",
    board: "main",
    revision: 41,
    asOf: 3,
    cursor: 9,
    jobs: [],
    instance: null,
    deadlines: [],
    containerSeconds: 0,
  };
  const { send, asked } = makeEdge({ answers: { execution: async () => ({ ok: true, view }) } });
  const first = await send("/v1/executions/exec_1", { token: readToken });
  expect(first.headers.get("etag")).toBe('"41"');
  expect(await first.json()).toEqual(view);
  const headers = { "if-none-match": '"41"' };
  const second = await send("/v1/executions/exec_1?wait=5", { token: readToken, headers });
  expect(second.status).toBe(304);
  expect((await send("/v1/executions/exec_1", { headers: { "if-none-match": '"40"' } })).status).toBe(200);
  expect(asked.map(({ argument }) => argument)).toEqual([
    {},
    { revision: 41, waitMs: 5_000 },
    { revision: 40 },
  ]);
});

test("an execution never heard of is 404", async ({ expect }) => {
  const { send } = makeEdge();
  const refused = await errorOf(await send("/v1/executions/exec_1"));
  expect(refused).toMatchObject({ status: 404, code: "execution-not-found" });
});

test("a job is cancelled with its reason or without one", async ({ expect }) => {
  const { send, asked } = makeEdge();
  await send(`${job}/cancel`, { method: "POST", body: { reason: "no longer wanted" } });
  const reply = await send(`${job}/cancel`, { method: "POST" });
  expect(await reply.json()).toEqual({ jobId: "exec_1-coder", state: "done", status: "done" });
  expect(asked).toMatchObject([
    { method: "cancel", argument: { jobId: "exec_1-coder", reason: "no longer wanted" } },
    { method: "cancel", argument: { jobId: "exec_1-coder", reason: "cancelled by its client" } },
  ]);
});

test("a cancel with a typo changes nothing", async ({ expect }) => {
  const { send, asked } = makeEdge();
  const refused = await errorOf(await send(`${job}/cancel`, { method: "POST", body: { reson: "x" } }));
  expect(refused).toMatchObject({ status: 400, code: "invalid-request" });
  expect(asked).toEqual([]);
});

test("an execution is released by its name", async ({ expect }) => {
  const { send, asked } = makeEdge();
  const reply = await send("/v1/executions/exec_1", { method: "DELETE" });
  expect(reply.status).toBe(200);
  expect(asked).toMatchObject([{ executionId: "exec_1", method: "release", argument: { id: "exec_1" } }]);
});

test("a reading token changes nothing", async ({ expect }) => {
  const { send, asked } = makeEdge();
  const calls = [
    send(jobs, { method: "POST", body: makeDispatch(), token: readToken }),
    send(`${job}/cancel`, { method: "POST", token: readToken }),
    send("/v1/executions/exec_1", { method: "DELETE", token: readToken }),
    send("/jobs", { method: "POST", body: makeJobBody(), token: readToken }),
    send("/jobs/exec_1-coder", { method: "DELETE", token: readToken }),
  ];
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
  expect(asked).toEqual([]);
});
