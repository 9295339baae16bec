import { describe, test } from "vitest";
import { deadlines } from "../../worker/execution/deadlines.ts";
import { ALL_FITS as room, DONE, makeFollowUp, makeTake, makeToolEnd } from "./build.ts";
import { kindsOf, Run, runningRun } from "./run.ts";
import { situations } from "./situations.ts";

describe("a dispatch of a known job", () => {
  for (const name of ["queued for capacity", "starting, handed over", "running", "stopping, told"] as const) {
    test(`re-attaches where it is ${name}, at either door`, ({ expect }) => {
      for (const door of ["job", "native"] as const) {
        const run = situations[name].make();
        const { before, state, effects, events, reply } = run.dispatch({ door, again: true }, 10);
        expect(reply).toMatchObject({ kind: "dispatched", fresh: false });
        expect(state).toBe(before);
        expect([effects, events]).toStrictEqual([[], []]);
      }
    });
  }

  test("re-attaches where its end was not delivered yet (job protocol)", ({ expect }) => {
    const run = situations["done, its container idle"].make();
    const { before, state, reply } = run.dispatch({}, 10);
    expect(reply).toMatchObject({ kind: "dispatched", fresh: false });
    expect(state).toBe(before);
  });

  test("begins a new round once its end was delivered: attempts, spans and revisions go on", ({ expect }) => {
    const run = runningRun();
    run.beat({ events: [makeToolEnd(1), makeToolEnd(2)], terminal: DONE }, 100);
    const { revision } = run.job;
    run.take(100);
    expect(run.job.delivered).toBe(true);
    const { reply } = run.dispatch({}, 100);
    expect(reply).toMatchObject({ kind: "dispatched", fresh: true });
    expect(run.job).toMatchObject({ round: 2, attempt: 2, status: "starting", end: null, delivered: false });
    expect(run.job.spans).toMatchObject({ newest: 2, from: 3, to: 2 });
    expect(run.job.revision).toBeGreaterThan(revision);
    run.accepted();
    run.beat({ events: [makeToolEnd(1)] }, 100);
    expect(run.events.at(-1)).toMatchObject({ kind: "tool-end", seq: 1, span: 3, attempt: 2, round: 2 });
  });

  test("of the native API that has ended is refused unless it says again, and then changes nothing", ({
    expect,
  }) => {
    const run = runningRun({ door: "native" });
    run.beat({ terminal: DONE }, 100);
    run.take(100);
    const { before, state, reply, effects, events } = run.dispatch({ door: "native" }, 100);
    expect(reply).toMatchObject({ kind: "refused", refusal: { code: "already-finished" } });
    expect(state).toBe(before);
    expect([effects, events]).toStrictEqual([[], []]);
    expect(run.dispatch({ door: "native", again: true }, 100).reply).toMatchObject({ fresh: true });
    expect(run.job.round).toBe(2);
  });

  test("in a new round begins its limits and its stop anew", ({ expect }) => {
    const run = situations["cancelled, its container gone"].make();
    run.take(100);
    run.dispatch({}, 1_000);
    expect(run.job).toMatchObject({ stop: null, workedMs: 0, starts: { failed: 0 }, notes: [], gaps: [] });
    expect(deadlines(run.it).find(({ name }) => name === "max-duration")?.at).toBe(run.now + 3_600_000);
  });
});

describe("spans on the plain read", () => {
  test("are the same within a second of the first offer, and the next ones after", ({ expect }) => {
    const run = runningRun();
    run.beat({ events: [makeToolEnd(1), makeToolEnd(2)] });
    expect(run.take(100).spans).toStrictEqual({ from: 1, to: 2 });
    expect(run.take(1_000).spans).toStrictEqual({ from: 1, to: 2 });
    expect(run.take(1).spans).toStrictEqual({ from: 3, to: 2 });
    run.beat({ events: [makeToolEnd(3)] });
    expect(run.take(500).spans).toStrictEqual({ from: 3, to: 3 });
  });

  test("that do not fit beside the view wait for the next", ({ expect }) => {
    const run = runningRun();
    run.beat({ events: Array.from({ length: 20 }, (_, index) => makeToolEnd(index + 1)) });
    expect(run.take(10, { running: { ...room, spansThrough: 5 } }).spans).toStrictEqual({ from: 1, to: 5 });
    expect(run.take(1_001, { running: { ...room, spansThrough: 5 } }).spans).toStrictEqual({
      from: 6,
      to: 5,
    });
    expect(run.take(1_001).spans).toStrictEqual({ from: 6, to: 20 });
  });

  test("of a job never seen are refused", ({ expect }) => {
    const run = runningRun();
    const { reply, before, state } = run.give(makeTake("never-seen"));
    expect(reply).toMatchObject({ kind: "refused", refusal: { code: "job-not-found" } });
    expect(state).toBe(before);
  });
});

describe("follow-ups on the plain read", () => {
  test("are offered once", ({ expect }) => {
    const run = runningRun();
    run.beat({ events: [makeFollowUp(1)] }, 100);
    const { cursor } = run.it;
    expect(run.take(100).followUps.after).toBeLessThan(cursor);
    expect(run.take(100).followUps).toStrictEqual({ after: cursor, through: cursor });
  });

  test("that do not fit beside the view are offered by the next", ({ expect }) => {
    const run = runningRun();
    run.beat({ events: [makeFollowUp(1), makeFollowUp(2)] }, 100);
    const first = run.it.cursor - 1;
    run.take(100, { running: { ...room, followUpsThrough: first, all: false } });
    expect(run.take(100).followUps).toStrictEqual({ after: first, through: run.it.cursor });
  });

  test("equal in kind, title and detail are one, also over the rounds of a job", ({ expect }) => {
    const run = runningRun();
    const same = { title: "Check the cache", detail: "it is stale" };
    run.beat({ events: [makeFollowUp(1, same), makeFollowUp(2, same)], terminal: DONE }, 100);
    run.take();
    run.dispatch();
    run.accepted();
    run.beat({ events: [makeFollowUp(1, same), makeFollowUp(2, { ...same, detail: "it is cold" })] }, 100);
    const told = run.events.filter(({ kind }) => kind === "follow-up");
    expect(told.map(({ body }) => body["repeated"])).toStrictEqual([false, true, true, false]);
  });

  test("that differ only far down their detail are two", ({ expect }) => {
    const run = runningRun();
    const long = "x".repeat(3_000);
    const { events } = run.beat({
      events: [
        makeFollowUp(1, { title: "t", detail: `${long}a` }),
        makeFollowUp(2, { title: "t", detail: `${long}b` }),
      ],
    });
    expect(events.map(({ body }) => body["repeated"])).toStrictEqual([false, false]);
  });

  test("that ask a question call for a person's attention", ({ expect }) => {
    const run = runningRun();
    const question = { kind: "question", title: "Which branch?", detail: "" } as const;
    run.beat({ events: [{ seq: 1, at: 0, kind: "follow-up", followUp: question }] }, 100);
    expect(run.job.questionAt).toBe(run.now);
  });

  test("that ask a question of an earlier round again call for attention again, and are not offered again", ({
    expect,
  }) => {
    const run = runningRun();
    const question = { kind: "question", title: "Which branch?", detail: "" } as const;
    const asks = { seq: 1, at: 0, kind: "follow-up", followUp: question } as const;
    run.beat({ events: [asks], terminal: DONE }, 100);
    run.take();
    run.dispatch();
    expect(run.job).toMatchObject({ round: 2, questionAt: null });
    run.accepted();
    run.beat({ events: [asks] }, 100);
    expect(run.events.at(-1)?.body["repeated"]).toBe(true);
    expect(run.job.questionAt).toBe(run.now);
  });
});

describe("an end beside which not everything fits", () => {
  const tight = { ...room, spansThrough: 0, all: false };

  test("is held back for three reads, and delivered by the fourth whatever is left", ({ expect }) => {
    const run = runningRun();
    run.beat({ events: [makeToolEnd(1)], terminal: DONE }, 100);
    for (let reads = 0; reads < 3; reads += 1) {
      expect(run.take(1_001, { running: tight, ended: tight }).held).toBe(true);
      expect(run.job.delivered).toBe(false);
    }
    expect(run.take(1_001, { running: tight, ended: tight }).held).toBe(false);
    expect(run.job.delivered).toBe(true);
  });

  test("is told as soon as everything fits", ({ expect }) => {
    const run = runningRun();
    run.beat({ events: [makeToolEnd(1)], terminal: DONE }, 100);
    expect(run.take(10, { ended: tight })).toMatchObject({ held: true, spans: { from: 1, to: 1 } });
    expect(run.take(1_001).held).toBe(false);
    expect(run.job.delivered).toBe(true);
  });

  test("keeps a dispatch re-attaching while it is held back", ({ expect }) => {
    const run = runningRun();
    run.beat({ terminal: DONE }, 100);
    run.take(10, { ended: tight });
    expect(run.dispatch({}, 10).reply).toMatchObject({ fresh: false });
    expect(run.job.round).toBe(1);
  });

  test("is held back once for reads within a second of each other", ({ expect }) => {
    const run = runningRun();
    run.beat({ terminal: DONE }, 100);
    for (let reads = 0; reads < 10; reads += 1) expect(run.take(50, { ended: tight }).held).toBe(true);
    expect(run.job.spans.held).toBe(1);
  });
});

describe("a read", () => {
  test("leaves revisions alone: who has read a job is no news of it", ({ expect }) => {
    const run = runningRun();
    const { revision } = run.job;
    run.take(100);
    run.take(5_000);
    expect([run.job.revision, run.it.revision]).toStrictEqual([revision, revision]);
  });

  test("moves nothing on, whatever is due", ({ expect }) => {
    const run = new Run();
    run.dispatch();
    run.startFailed("no-capacity", 10);
    run.take(60_000);
    expect(run.job.status).toBe("queued");
    expect(kindsOf(run.tick().effects)).toContain("start");
  });
});
