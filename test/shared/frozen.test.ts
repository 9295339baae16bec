import { readdirSync } from "node:fs";
import { describe, test } from "vitest";
import type * as z from "zod";
import { Beat, BeatReply } from "../../shared/beat.ts";
import { NativeDispatch } from "../../shared/dispatch.ts";
import { ErrorBody } from "../../shared/errors.ts";
import { EventsPage } from "../../shared/events.ts";
import { AttemptEnvelope, HarnessView } from "../../shared/harness-wire.ts";
import { allowedGithubHosts, parseJobBody } from "../../shared/job-body.ts";
import { DispatchAnswer, ExecutionView, JobView, StopAnswer } from "../../shared/job-view.ts";
import { readFixture } from "./fixtures.ts";

const schemas: Readonly<Record<string, z.ZodType>> = {
  "attempt-envelope": AttemptEnvelope,
  beat: Beat,
  "beat-numbered": Beat,
  "beat-reply": BeatReply,
  "beat-terminal": Beat,
  "dispatch-answer": DispatchAnswer,
  "dispatch-native": NativeDispatch,
  "error-body": ErrorBody,
  "events-page": EventsPage,
  "execution-view": ExecutionView,
  "harness-view": HarnessView,
  "job-view-done": JobView,
  "job-view-evicted": JobView,
  "job-view-running": JobView,
  "stop-answer": StopAnswer,
};

/** What a newer side may send to an older one. */
const fromTomorrow = { addedTomorrow: { kept: [1, "two", null] } } as const;

/** What our sides read from each other, so that an older container survives an added field, and the other way round. */
const loose = ["attempt-envelope", "beat", "beat-reply", "beat-terminal", "harness-view"] as const;

describe("the frozen examples of version 1", () => {
  for (const [name, schema] of Object.entries(schemas)) {
    test(`${name} parses to itself`, ({ expect }) => {
      const example = readFixture(name);
      expect(schema.parse(example)).toStrictEqual(example);
    });
  }

  test("a body of the job protocol is a job without a warning", ({ expect }) => {
    const parsed = parseJobBody(readFixture("dispatch-job"), { allowedHosts: allowedGithubHosts({}) });
    expect(parsed).toMatchObject({
      ok: true,
      warnings: [],
      job: {
        jobId: "run_1-code",
        mode: "coding",
        newBranch: "holt/run_1",
        pr: { title: "Fix the rounding" },
      },
    });
  });

  test("the spec of a native dispatch is the same job", ({ expect }) => {
    const { jobId, spec } = NativeDispatch.parse(readFixture("dispatch-native"));
    const body = { ...spec, jobId, kind: "agent" };
    expect(body).toStrictEqual(readFixture("dispatch-job"));
  });

  test("every example is read here", ({ expect }) => {
    const files = readdirSync(new URL("fixtures/v1", import.meta.url));
    const names = [...Object.keys(schemas), "dispatch-job"].map((name) => `${name}.json`);
    expect(new Set(files)).toStrictEqual(new Set(names));
  });
});

describe("a field this version does not know", () => {
  for (const name of loose) {
    test(`survives in ${name}`, ({ expect }) => {
      const example = { ...readFixture(name), ...fromTomorrow };
      expect(schemas[name]?.parse(example)).toStrictEqual(example);
    });
  }

  test("survives inside an event, a directive, a result and an event of the log", ({ expect }) => {
    const beat = Beat.parse(readFixture("beat-terminal"));
    const told = {
      ...beat,
      events: beat.events.map((event) => ({ ...event, ...fromTomorrow })),
      terminal: { state: "done", result: { pushed: true, ...fromTomorrow }, ...fromTomorrow },
    };
    expect(Beat.parse(told)).toStrictEqual(told);
    const reply = {
      ...readFixture("beat-reply"),
      directives: [{ kind: "stop", cause: "c", graceMs: 1, ...fromTomorrow }],
    };
    expect(BeatReply.parse(reply)).toStrictEqual(reply);
    const page = EventsPage.parse(readFixture("events-page"));
    const events = page.events.map((event) => ({ ...event, ...fromTomorrow }));
    expect(EventsPage.parse({ ...page, events }).events).toStrictEqual(events);
  });

  test("is an error in a native dispatch, so that a typo is told", ({ expect }) => {
    const typo = { ...readFixture("dispatch-native"), prio: 1 };
    expect(NativeDispatch.safeParse(typo).success).toBe(false);
    const inside = { ...readFixture("dispatch-native"), policy: { silenceMS: 1_000 } };
    expect(NativeDispatch.safeParse(inside).success).toBe(false);
  });

  test("is no error in the spec of a native dispatch, and stays as it came", ({ expect }) => {
    const { spec } = NativeDispatch.parse(readFixture("dispatch-native"));
    expect(spec["unknownToHolt"]).toStrictEqual({ kept: ["as", "it", "came"] });
  });
});
