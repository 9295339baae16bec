import { test } from "vitest";
import { ErrorBody, refuse } from "../../shared/errors.ts";
import { Limits } from "../../shared/limits.ts";
import { receiveBeat } from "../../worker/beats.ts";
import type { ExecutionRpc } from "../../worker/execution/rpc.ts";
import { fakeExecutions } from "./fake-executions.ts";
import { recordingLog } from "./recording-log.ts";

const url = "http://holt.internal/v1/beats";
const authorization = "Bearer key-1";

function receiver(beat?: ExecutionRpc["beat"]) {
  const { asked, executions } = fakeExecutions(beat === undefined ? {} : { beat });
  const random = { id: () => "request-1" };
  const lines: string[] = [];
  const log = recordingLog(({ event }) => void lines.push(event));
  const props = { executionId: "exec_1", instance: "instance-1" };
  const send = (request: Request) => receiveBeat(request, props, { executions, random, log });
  const post = (body: BodyInit, headers: Record<string, string> = { authorization }) =>
    send(new Request(url, { method: "POST", body, headers }));
  return { asked, lines, send, post };
}

test("a beat reaches the object of the container it came from, with its key and as it was", async ({
  expect,
}) => {
  const { post, asked } = receiver();
  const reply = await post('{"v":1}');
  expect(reply.status).toBe(200);
  expect(await reply.json()).toEqual({ ack: 0, directives: [], nextBeatMs: 10_000 });
  const argument = { instance: "instance-1", key: "key-1", beat: '{"v":1}' };
  expect(asked).toEqual([{ executionId: "exec_1", method: "beat", argument }]);
});

test("a refusal of the object arrives with its status and code", async ({ expect }) => {
  const { post } = receiver(() => Promise.resolve(refuse("stale-attempt", "another attempt has taken over")));
  const reply = await post("{}");
  expect(reply.status).toBe(409);
  expect(ErrorBody.parse(await reply.json()).code).toBe("stale-attempt");
  expect(reply.headers.get("x-request-id")).toBe("request-1");
});

test("an object that fails to answer is a 500 that says nothing of the reason, and a line of the log", async ({
  expect,
}) => {
  const { post, lines } = receiver(() => Promise.reject(new Error("reset because of ghp_x")));
  const reply = await post("{}");
  expect(reply.status).toBe(500);
  expect(await reply.text()).not.toContain("reset");
  expect(lines).toEqual(["beat.failed"]);
});

const refused: ReadonlyArray<readonly [string, number, string, () => Request]> = [
  ["without a key", 401, "invalid-beat-key", () => beat("{}", {})],
  ["with another scheme", 401, "invalid-beat-key", () => beat("{}", { authorization: "Basic a2V5" })],
  [
    "compressed",
    415,
    "unsupported-encoding",
    () => beat("{}", { authorization, "content-encoding": "gzip" }),
  ],
  ["larger than a terminal one", 413, "body-too-large", () => beat(" ".repeat(Limits.terminalBeatBytes + 1))],
  ["of 20,000 brackets", 400, "too-deep", () => beat("[".repeat(20_000))],
  ["read and not posted", 404, "not-found", () => new Request(url, { headers: { authorization } })],
  ["to another path", 404, "not-found", () => beat("{}", { authorization }, "http://holt.internal/jobs")],
  ["to another host", 404, "not-found", () => beat("{}", { authorization }, "http://example.com/v1/beats")],
];

for (const [what, status, code, request] of refused) {
  test(`a beat ${what} is refused and reaches no object`, async ({ expect }) => {
    const { send, asked } = receiver();
    const reply = await send(request());
    expect(reply.status).toBe(status);
    expect(ErrorBody.parse(await reply.json()).code).toBe(code);
    expect(asked).toEqual([]);
  });
}

function beat(body: string, headers: Record<string, string> = { authorization }, to = url): Request {
  return new Request(to, { method: "POST", body, headers });
}
