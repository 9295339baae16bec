import { env, exports } from "cloudflare:workers";
import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import { ErrorBody } from "../../shared/errors.ts";
import { Limits } from "../../shared/limits.ts";

const url = "http://holt.internal/v1/beats";
const beats = exports.Beats({ props: { executionId: "exec_1", instance: "instance-1" } });

afterEach(reset);

function post(body: BodyInit, headers: Record<string, string> = { authorization: "Bearer right" }) {
  return beats.fetch(url, { method: "POST", body, headers });
}

function lastBeat() {
  return env.EXECUTION.getByName("exec_1").lastBeat();
}

test("a beat reaches the object of the container it came from, with its key and as it was", async ({
  expect,
}) => {
  const reply = await post('{"v":1}');
  expect(reply.status).toBe(200);
  expect(await reply.json()).toEqual({ ack: 7, directives: [], nextBeatMs: 10_000 });
  expect(await lastBeat()).toEqual({ instance: "instance-1", key: "right", beat: '{"v":1}' });
});

test("a refusal of the object arrives with its status and code", async ({ expect }) => {
  const reply = await post("{}", { authorization: "Bearer wrong" });
  expect(reply.status).toBe(401);
  const body = ErrorBody.parse(await reply.json());
  expect(body.code).toBe("invalid-beat-key");
  expect(reply.headers.get("x-request-id")).toBe(body.requestId);
});

test("an object that fails to answer is a 500 that says nothing of the reason", async ({ expect }) => {
  const reply = await post("{}", { authorization: "Bearer throws" });
  expect(reply.status).toBe(500);
  const body = ErrorBody.parse(await reply.json());
  expect(body.code).toBe("internal-error");
  expect(body.error).not.toContain("reset");
});

for (const [what, status, code, request] of [
  ["without a key", 401, "invalid-beat-key", () => post("{}", {})],
  [
    "compressed",
    415,
    "unsupported-encoding",
    () => post("{}", { authorization: "Bearer right", "content-encoding": "gzip" }),
  ],
  [
    "larger than a terminal beat",
    413,
    "body-too-large",
    () => post(" ".repeat(Limits.terminalBeatBytes + 1)),
  ],
  ["of 20,000 brackets", 400, "too-deep", () => post("[".repeat(20_000))],
  ["read, not posted", 404, "not-found", () => beats.fetch(url)],
  [
    "to another path",
    404,
    "not-found",
    () => beats.fetch("http://holt.internal/v1/executions/exec_1", { method: "POST", body: "{}" }),
  ],
  [
    "to another host",
    404,
    "not-found",
    () => beats.fetch("http://example.com/v1/beats", { method: "POST", body: "{}" }),
  ],
] as const) {
  test(`a beat ${what} is refused and reaches no object`, async ({ expect }) => {
    const reply = await request();
    expect(reply.status).toBe(status);
    expect(ErrorBody.parse(await reply.json()).code).toBe(code);
    expect(await lastBeat()).toBeNull();
  });
}
