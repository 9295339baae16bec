/// <reference types="vite/types/importMeta.d.ts" />
/** What `examples/` shows is what both doors take, without a word of warning. */

import { test } from "vitest";
import * as z from "zod";
import { NativeDispatch } from "../../../shared/dispatch.ts";
import { makeEdge } from "./edge.ts";

const files: Readonly<Record<string, unknown>> = import.meta.glob("../../../examples/**/*dispatch.json", {
  eager: true,
  import: "default",
});
const Body = z.looseObject({ jobId: z.string(), kind: z.literal("agent") });
const bodies = Object.entries(files)
  .filter(([path]) => path.includes("/roles/"))
  .map(([path, body]) => ({ role: path.split("/").at(-2) ?? "", body: Body.parse(body) }));

const deps = { allowedHosts: ["git.example.com"] };

test("there is an example for every role", ({ expect }) => {
  expect(bodies.map(({ role }) => role)).toHaveLength(12);
});

for (const { role, body } of bodies) {
  test(`both doors take the ${role}'s dispatch as it stands`, async ({ expect }) => {
    const { send, dispatched } = makeEdge({ deps });
    const atJobs = await send("/jobs", { method: "POST", body });
    const { jobId, kind: _, ...spec } = body;
    const executionId = jobId.split("-")[0];
    const path = `/v1/executions/${executionId}/jobs`;
    const atNative = await send(path, { method: "POST", body: { jobId, spec } });
    expect([atJobs.status, atNative.status]).toEqual([202, 202]);
    expect(dispatched).toHaveLength(2);
    for (const request of dispatched) {
      expect(request).toMatchObject({ executionId, jobId, warnings: [] });
      expect(JSON.parse(request.spec)).toEqual(body);
    }
  });
}

test("the example of the native API is the coder's job with limits, size and labels of its own", async ({
  expect,
}) => {
  const { send, dispatched } = makeEdge({ deps });
  const native = NativeDispatch.parse(files["../../../examples/execution-dispatch.json"]);
  const coder = bodies.find(({ role }) => role === "coder")?.body;
  expect({ kind: "agent", jobId: native.jobId, ...native.spec }).toEqual(coder);
  const answer = await send("/v1/executions/exec_7f3a/jobs", { method: "POST", body: native });
  expect(answer.status).toBe(202);
  expect(dispatched).toMatchObject([
    {
      size: "standard-2",
      labels: { ticket: "SHOP-412" },
      policy: { maxDurationMs: 2_700_000 },
      warnings: [],
    },
  ]);
});
