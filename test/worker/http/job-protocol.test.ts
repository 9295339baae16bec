import { test } from "vitest";
import { ErrorBody, refuse } from "../../../shared/errors.ts";
import { PolicyDefaults } from "../../../shared/policy.ts";
import { makeView } from "../fake-executions.ts";
import { dispatchToken, makeEdge, makeJobBody, readToken } from "./edge.ts";

async function errorOf(response: Response) {
  const { code, error } = ErrorBody.parse(await response.json());
  return { status: response.status, code, error };
}

test("a dispatch is handed to the execution that its job id names, and answered 202", async ({ expect }) => {
  const { send, asked, dispatched } = makeEdge();
  const body = makeJobBody({ unknownField: { kept: [1, "ä"] } });
  const reply = await send("/jobs", { method: "POST", body });
  expect(reply.status).toBe(202);
  expect(await reply.json()).toEqual({
    jobId: "exec_1-coder",
    executionId: "exec_1",
    state: "running",
    status: "queued",
    attempt: 0,
    round: 1,
  });
  expect(asked).toMatchObject([
    {
      executionId: "exec_1",
      method: "dispatch",
      argument: {
        door: "job",
        executionId: "exec_1",
        jobId: "exec_1-coder",
        image: "harness",
        size: "standard-1",
        board: "main",
        again: false,
        warnings: [],
        policy: { recovery: "heal-once" },
      },
    },
  ]);
  expect(JSON.parse(dispatched[0]?.spec ?? "")).toEqual(body);
});

test("a job of this door has the limits of any other, and is healed once before its caller does", async ({
  expect,
}) => {
  const { send, dispatched } = makeEdge();
  await send("/jobs", { method: "POST", body: makeJobBody() });
  expect(dispatched[0]?.policy).toMatchObject({ ...PolicyDefaults, recovery: "heal-once" });
});

test("a job id that is no name of an execution is hashed into one", async ({ expect }) => {
  const { send, asked } = makeEdge();
  await send("/jobs", { method: "POST", body: makeJobBody({ jobId: "ein Auftrag/ä" }) });
  expect(asked[0]?.executionId).toMatch(/^h_[0-9a-f]{40}$/);
});

test("what is dropped from a body is named in warnings", async ({ expect }) => {
  const { send, dispatched } = makeEdge();
  const body = makeJobBody({ holtAttempt: { beatKey: "mine" }, instanceType: "huge" });
  await send("/jobs", { method: "POST", body });
  const { spec = "", size, warnings = [] } = dispatched[0] ?? {};
  expect(JSON.parse(spec)).not.toHaveProperty("holtAttempt");
  expect(size).toBe("standard-1");
  expect(warnings.join(" ")).toContain("'holtAttempt'");
  expect(warnings.join(" ")).toContain("'instanceType'");
});

test("a size of ours is taken from instanceType", async ({ expect }) => {
  const { send, asked } = makeEdge();
  await send("/jobs", { method: "POST", body: makeJobBody({ instanceType: "standard-3" }) });
  expect(asked[0]?.argument).toMatchObject({ size: "standard-3", warnings: [] });
});

const refusedBodies: ReadonlyArray<readonly [string, unknown, number, string, RegExp]> = [
  ["an empty body", "", 400, "invalid-json", /^Unexpected end of JSON input$/],
  ["broken JSON", "{", 400, "invalid-json", /JSON/],
  ["null", "null", 400, "invalid-job", /^Invalid job: body must be an object$/],
  ["a list", "[]", 404, "unknown-job-kind", /^unknown job kind 'undefined'$/],
  ["a text", '"agent"', 404, "unknown-job-kind", /^unknown job kind 'undefined'$/],
  ["an empty object", "{}", 404, "unknown-job-kind", /^unknown job kind 'undefined'$/],
  ["another kind", { kind: "deploy" }, 404, "unknown-job-kind", /^unknown job kind 'deploy'$/],
  ["a kind that every object has", { kind: "toString" }, 404, "unknown-job-kind", /'toString'$/],
  ["a kind named constructor", { kind: "constructor" }, 404, "unknown-job-kind", /'constructor'$/],
  ["a kind that cannot be a text", { kind: { toString: 1 } }, 404, "unknown-job-kind", /'\{"toString":1\}'$/],
  ["no mode", makeJobBody({ mode: undefined }), 400, "invalid-job", /^Invalid job: 'mode' must be/],
  [
    "no git token",
    makeJobBody({ ghToken: "" }),
    400,
    "invalid-job",
    /^Invalid job: 'ghToken' must be a non-empty/,
  ],
  [
    "a host off the list",
    makeJobBody({
      repo: { owner: "o", name: "n", baseBranch: "main", cloneUrl: "https://evil.example/x.git" },
    }),
    400,
    "invalid-job",
    /^Invalid job: 'repo.cloneUrl' host 'evil.example' is not an allowed/,
  ],
  ["a webhook", makeJobBody({ notify: "https://example.com" }), 422, "not-available-yet", /'notify'/],
  ["another image", makeJobBody({ image: "ui" }), 422, "not-available-yet", /image/],
];

for (const [what, body, status, code, error] of refusedBodies) {
  test(`a dispatch of ${what} is refused with its own text, and no object hears of it`, async ({
    expect,
  }) => {
    const { send, asked } = makeEdge();
    const refused = await errorOf(await send("/jobs", { method: "POST", body }));
    expect(refused).toEqual({ status, code, error: expect.stringMatching(error) });
    expect(asked).toEqual([]);
  });
}

test("a refusal masks what it quotes", async ({ expect }) => {
  const { send } = makeEdge();
  const { error } = await errorOf(await send("/jobs", { method: "POST", body: { kind: "planted-secret" } }));
  expect(error).toBe("unknown job kind '***'");
});

test("invariant 10: a refusal holds no credential of the body it refuses, wherever the body repeats it", async ({
  expect,
}) => {
  const { send } = makeEdge();
  const token = `of-no-shape-${"x7".repeat(40)}`;
  const url = `https://${token}.example/x.git`;
  const repo = { owner: "o", name: "n", baseBranch: "main", cloneUrl: url };
  const bodies = [{ kind: `${"-".repeat(60)}${token}` }, { kind: { [token]: token } }, { repo }];
  for (const fields of bodies) {
    const body = makeJobBody({ ghToken: token, ...fields });
    const { error } = await errorOf(await send("/jobs", { method: "POST", body }));
    expect(error).toContain("***");
    expect(error).not.toContain("of-no-shape");
  }
});

test("a plain read takes delivery, at once and never as 304", async ({ expect }) => {
  const { send, asked } = makeEdge({ answers: { take: async () => ({ ok: true, view: makeView() }) } });
  const reply = await send("/jobs/exec_1-coder?wait=20", { headers: { "if-none-match": '"41"' } });
  expect(reply.status).toBe(200);
  expect(await reply.json()).toMatchObject({ id: "exec_1-coder", state: "running" });
  expect(asked).toEqual([{ executionId: "exec_1", method: "take", argument: "exec_1-coder" }]);
});

test("a read after a cursor takes nothing, may wait, and needs only a reading token", async ({ expect }) => {
  const { send, asked } = makeEdge({
    answers: { read: async () => ({ ok: true, unchanged: true, revision: 41 }) },
  });
  const reply = await send("/jobs/exec_1-coder?after=7&wait=25", {
    headers: { "if-none-match": '"41"' },
    token: readToken,
  });
  expect(reply.status).toBe(304);
  expect(reply.headers.get("etag")).toBe('"41"');
  const argument = { jobId: "exec_1-coder", door: "job", after: 7, revision: 41, waitMs: 25_000 };
  expect(asked).toEqual([{ executionId: "exec_1", method: "read", argument }]);
});

test("a plain read needs a dispatch token, since it takes delivery", async ({ expect }) => {
  const { send, asked } = makeEdge();
  const refused = await errorOf(await send("/jobs/exec_1-coder", { token: readToken }));
  expect(refused).toMatchObject({ status: 403, code: "forbidden" });
  expect(asked).toEqual([]);
});

test("an id never accepted is 404 with the original's text", async ({ expect }) => {
  const { send } = makeEdge();
  expect(await errorOf(await send("/jobs/exec_1-coder"))).toEqual({
    status: 404,
    code: "job-not-found",
    error: "job not found",
  });
});

test("a job id is percent-decoded once", async ({ expect }) => {
  const { send, asked } = makeEdge();
  await send("/jobs/a%2Fb%2525%20c");
  expect(asked).toMatchObject([{ method: "take", argument: "a/b%25 c" }]);
});

test("deleting a job cancels it and deleting an execution's own id releases it", async ({ expect }) => {
  const { send, asked } = makeEdge();
  const cancelled = await send("/jobs/exec_1-coder", { method: "DELETE" });
  const released = await send("/jobs/exec_1", { method: "DELETE" });
  expect([cancelled.status, released.status]).toEqual([200, 200]);
  expect(await released.json()).toEqual({ jobId: "exec_1", state: "done", status: "done" });
  expect(asked).toMatchObject([
    { executionId: "exec_1", method: "cancel", argument: { jobId: "exec_1-coder", waitMs: 20_000 } },
    { executionId: "exec_1", method: "release", argument: { id: "exec_1", waitMs: 20_000 } },
  ]);
});

test("a dispatch token stands in x-harness-secret at this door alone", async ({ expect }) => {
  const { send } = makeEdge({ answers: { take: async () => ({ ok: true, view: makeView() }) } });
  const secret = (value: string) => ({ headers: { "x-harness-secret": value }, token: null });
  expect((await send("/jobs/exec_1-coder", secret(dispatchToken))).status).toBe(200);
  expect((await send("/jobs/exec_1-coder?after=0", secret(readToken))).status).toBe(403);
  expect((await send("/jobs/exec_1-coder", secret("wrong"))).status).toBe(401);
  expect((await send("/v1/executions/exec_1", secret(dispatchToken))).status).toBe(401);
});

test.for([
  ["reset because its code was updated", { retryable: true }],
  ["the object ended itself to ask the platform afresh", { durableObjectReset: true }],
] as const)(
  "a call cut short, %s, is made once more, with a fresh stub",
  async ([text, marks], { expect }) => {
    let calls = 0;
    const reset = Object.assign(new Error(text), marks);
    const { send, asked } = makeEdge({
      answers: {
        dispatch: async () => {
          calls += 1;
          if (calls === 1) throw reset;
          return refuse("sealing-not-configured", "HOLT_SEALING_KEY is not set");
        },
      },
    });
    const reply = await send("/jobs", { method: "POST", body: makeJobBody() });
    expect(reply.status).toBe(503);
    expect(asked.map(({ method }) => method)).toEqual(["dispatch", "dispatch"]);
  },
);

test("an overloaded or broken object is a 500 that names only the request", async ({ expect }) => {
  const overloaded = Object.assign(new Error("planted-secret"), { retryable: true, overloaded: true });
  const { send, asked, lines } = makeEdge({ answers: { take: () => Promise.reject(overloaded) } });
  const reply = await send("/jobs/exec_1-coder");
  expect(reply.status).toBe(500);
  const body = ErrorBody.parse(await reply.json());
  expect(body).toMatchObject({ code: "internal-error", requestId: "request-1" });
  expect(JSON.stringify(body)).not.toContain("planted");
  expect(asked.length).toBe(1);
  expect(lines).toMatchObject([{ event: "request.failed", fields: { requestId: "request-1" } }]);
});
