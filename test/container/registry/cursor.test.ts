import { test } from "vitest";
import type { Flow, JobReport } from "../../../container/job-context.ts";
import { HarnessView } from "../../../shared/harness-wire.ts";
import { deferred } from "../server/deferred.ts";
import { makeBody, startHarness } from "../server/start-harness.ts";

const question = (title: string) => ({ kind: "question", title, detail: "" }) as const;

/** A harness whose one job reports as the test says, until the test lets it end. */
async function startReporting(jobId = "j1") {
  const begun = deferred<JobReport>();
  const goOn = deferred<void>();
  const flow: Flow = async (_job, { report }) => {
    begun.resolve(report);
    await goOn.promise;
    return { state: "done", result: {} };
  };
  const harness = await startHarness({ flow });
  await harness.post(makeBody({ jobId }));
  const read = async (query = ""): Promise<unknown> =>
    (await harness.get(`/jobs/${encodeURIComponent(jobId)}${query}`)).body;
  return { ...harness, read, report: await begun.promise, end: goOn.resolve };
}

test("what an answer that was lost had handed over can be read again by a cursor", async ({ expect }) => {
  const { read, report, end, ended } = await startReporting();
  report.toolEnd("bash", "c1", true);
  report.followUp(question("Which one?"));
  expect(await read()).toMatchObject({ spans: [{ seq: 1 }], followUps: [{ title: "Which one?" }] });
  expect(await read()).not.toHaveProperty("followUps");
  for (let again = 0; again < 2; again += 1) {
    expect(await read("?after=0")).toMatchObject({
      spans: [{ tool: "bash", seq: 1 }],
      followUps: [{ title: "Which one?" }],
      cursor: "1.1",
    });
  }
  report.followUp(question("And then?"));
  const newer = await read("?after=1.1");
  expect(newer).toMatchObject({ followUps: [{ title: "And then?" }], cursor: "1.2" });
  expect(newer).not.toHaveProperty("spans");
  end();
  await ended("j1");
  expect(await read("?after=1.1")).toMatchObject({ state: "done", followUps: [{ title: "And then?" }] });
});

test("a read by cursor takes nothing from who polls plainly", async ({ expect }) => {
  const { read, report } = await startReporting();
  report.toolEnd("bash", "c1", true);
  report.followUp(question("Which one?"));
  await read("?after=0");
  const plain = await read();
  expect(plain).toMatchObject({ spans: [{ seq: 1 }], followUps: [{ title: "Which one?" }] });
  expect(plain).not.toHaveProperty("cursor");
});

test("what gave way to newer reports is counted for who reads by cursor", async ({ expect }) => {
  const { read, report } = await startReporting();
  for (let count = 0; count < 1_003; count += 1) report.toolEnd("bash", "c1", true);
  for (let count = 0; count < 60; count += 1) {
    report.followUp({ kind: "follow_up", title: `t${count}`, detail: "d".repeat(16_000) });
  }
  const view = await read("?after=1.0");
  expect(view).toMatchObject({ cursor: "1003.60", missed: 2 + 28 });
  const { spans, followUps } = HarnessView.parse(view);
  expect([spans?.length, followUps?.length]).toEqual([1_000, 32]);
});

test("a job whose id ends like a cursor is itself, and what is no cursor is unknown", async ({ expect }) => {
  const odd = await startReporting("j1?after=0");
  odd.report.toolEnd("bash", "c1", true);
  expect(await odd.read()).toMatchObject({ id: "j1?after=0", spans: [{ seq: 1 }] });
  expect((await odd.get("/jobs/j1?after=0")).body).toMatchObject({ id: "j1?after=0" });
  const plain = await startReporting("j2");
  for (const query of ["?after=", "?after=x", "?before=1", "?after=1&wait=5", "%3Fafter%3D0"]) {
    expect([query, (await plain.get(`/jobs/j2${query}`)).status]).toEqual([query, 404]);
  }
});
