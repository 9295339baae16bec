// What comes in from outside: a storm of one dispatch starts one container, and what no client should send changes nothing.
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, test } from "vitest";
import { fixFailingTest } from "../../local/model/fix-failing-test.ts";
import { ErrorBody } from "../../shared/errors.ts";
import { DispatchAnswer, JobView } from "../../shared/job-view.ts";
import { findEvent } from "./log.ts";
import { type JobBody, openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const doors = ["/jobs", "/v1/executions/exec_hostile/jobs"] as const;

test.for(doors)(
  "what no client should send to %s is refused by name, and starts nothing",
  async (door, { expect }) => {
    const body = world.job("exec_hostile", fixFailingTest);
    const text = JSON.stringify(door === "/jobs" ? body : toNative(body));
    const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
    const refused: readonly [
      string,
      string,
      string | Uint8Array<ArrayBuffer>,
      number,
      string,
      Readonly<Record<string, string>>?,
    ][] = [
      ["5 MiB", door, text.replace("{", `{"more":"${"x".repeat(5 * 1024 * 1024)}",`), 413, "body-too-large"],
      ["brackets 20,000 deep", door, text.replace("{", `{"more":${deep},`), 400, "too-deep"],
      ["nothing but open brackets", door, "[".repeat(20_000), 400, "too-deep"],
      [
        "gzip",
        door,
        new Uint8Array(gzipSync(text)),
        415,
        "unsupported-encoding",
        { "content-encoding": "gzip" },
      ],
      ["__proto__", door, text.replace("{", '{"__proto__":{"jobId":"exec_other"},'), 400, "forbidden-key"],
      [
        "constructor, far inside",
        door,
        text.replace('"repo":{', '"repo":{"constructor":{},'),
        400,
        "forbidden-key",
      ],
      ["half of a body", door, text.slice(0, text.length / 2), 400, "invalid-json"],
      ["another's token", door, text, 401, "unauthorized", { authorization: `Bearer ${"0".repeat(24)}` }],
      [
        "no job id",
        door,
        text.replace('"jobId"', '"noId"'),
        400,
        door === "/jobs" ? "invalid-job" : "invalid-request",
      ],
    ];
    for (const [what, path, sent, status, code, headers = {}] of refused) {
      const response = await world.fetch(path, { method: "POST", body: sent, headers });
      expect.soft(response.status, what).toBe(status);
      expect
        .soft(ErrorBody.parse(await response.json()), what)
        .toMatchObject({ code, requestId: expect.any(String) });
    }
    expect(world.standIns.engine.containers()).toEqual([]);
    const known = await world.fetch("/v1/executions/exec_hostile");
    expect(known.status).toBe(404);
  },
);

test.for([
  ["GET", "/jobs/%ZZ"],
  ["DELETE", "/jobs/%ZZ"],
  ["GET", "/jobs/%00"],
  ["GET", `/jobs/${"j".repeat(300)}`],
  ["GET", "/v1/executions/%ZZ"],
  ["GET", "/v1/executions/exec_1/jobs/%E0%A4%A"],
  ["POST", "/v1/executions/..%2F..%2Fetc/jobs"],
] as const)("%s %s is a clear 400", async ([method, path], { expect }) => {
  const response = await world.fetch(path, { method, ...(method === "POST" ? { body: "{}" } : {}) });
  expect(response.status).toBe(400);
  expect(ErrorBody.parse(await response.json())).toMatchObject({ code: "invalid-id" });
});

test("invariant 11: a hundred dispatches of one job at the same time start one container", async ({
  expect,
}) => {
  const jobId = `exec_storm-a/b c%2Fd?e#f\u202e"'<&>ä..`;
  const body = world.job("exec_storm", fixFailingTest, { jobId });
  const answers = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const response = await world.fetch("/jobs", { method: "POST", body: JSON.stringify(body) });
      return { status: response.status, answer: DispatchAnswer.parse(await response.json()) };
    }),
  );
  for (const { status, answer } of answers) {
    expect(status).toBe(202);
    expect(answer).toMatchObject({ jobId: body.jobId, executionId: "exec_storm", round: 1 });
  }

  expect(await world.ended(body.jobId)).toMatchObject({
    state: "done",
    attempt: 1,
    result: { pushed: true },
  });
  const events = await world.events(body.jobId);
  for (const kind of ["dispatched", "instance-started", "attempt-started", "terminal"]) {
    expect(
      events.filter((event) => event.kind === kind),
      kind,
    ).toHaveLength(1);
  }
  expect(findEvent(events, "internal-error")).toBeUndefined();
  const read = await world.fetch(`/jobs/${encodeURIComponent(jobId)}`);
  expect(JobView.parse(await read.json())).toMatchObject({ id: jobId, state: "done" });
  expect(world.standIns.engine.containers()).toHaveLength(1);
  expect(world.standIns.github.pulls()).toHaveLength(1);
});

function toNative({ jobId, kind: _saidByTheRoute, ...spec }: JobBody): object {
  return { jobId, spec };
}
