import { test } from "vitest";
import { deadlines } from "../../../worker/execution/deadlines.ts";
import { activeJob, isLive, isTerminal, jobOf } from "../../../worker/execution/state.ts";
import { UNPROVEN_AFTER_MS } from "../../../worker/execution/lifecycle/stopping.ts";
import { describeStep, everyCancelledHistory, everyHistory, everySettledHistory } from "./every-history.ts";

test("invariant 1: a job has one terminal outcome per round, and it never changes", ({ expect }) => {
  everySettledHistory((world) => {
    const ends = new Map<string, unknown>();
    const told = new Map<string, number>();
    for (const lived of world.lived) {
      for (const event of lived.events.filter(({ kind }) => kind === "terminal")) {
        const key = `${event.jobId} ${event.round}`;
        told.set(key, (told.get(key) ?? 0) + 1);
      }
      for (const job of lived.state?.jobs ?? []) {
        const key = `${job.jobId} ${job.round}`;
        expect(isTerminal(job.status), describeStep(lived)).toBe(job.end !== null);
        if (ends.has(key))
          expect({ status: job.status, end: job.end }, describeStep(lived)).toStrictEqual(ends.get(key));
        if (job.end !== null) ends.set(key, { status: job.status, end: job.end });
      }
    }
    for (const key of ends.keys()) expect(told.get(key), key).toBe(1);
  });
});

test("invariant 2: revisions and cursors only grow, cursors by one", ({ expect }) => {
  everyHistory((world) => {
    for (const lived of world.lived) {
      const { before, state, events, input } = lived;
      if (state === null) continue;
      const first = before?.cursor ?? 0;
      expect(events.map(({ cursor }) => cursor)).toStrictEqual(events.map((_, index) => first + index + 1));
      expect(state.cursor).toBe(first + events.length);
      if (state === before) continue;
      if (input.kind !== "take")
        expect(state.revision, describeStep(lived)).toBeGreaterThan(before?.revision ?? 0);
      for (const job of state.jobs) {
        const old = before === null ? null : jobOf(before, job.jobId);
        if (old === job || input.kind === "take") continue;
        expect(job.revision, describeStep(lived)).toBeGreaterThan(old?.revision ?? 0);
      }
    }
  });
});

test("invariant 3: a start is wanted only where no container lives, and once for each instance", ({
  expect,
}) => {
  everySettledHistory((world) => {
    const started = new Set<string>();
    for (const lived of world.lived) {
      for (const effect of lived.effects.filter(({ kind }) => kind === "start")) {
        if (effect.kind !== "start") continue;
        expect(lived.alive, describeStep(lived)).toBeNull();
        expect(started.has(effect.instance), describeStep(lived)).toBe(false);
        expect(lived.state?.instance).toMatchObject({ id: effect.instance, phase: "written", intent: null });
        started.add(effect.instance);
      }
    }
  });
});

test("invariant 3: only one job is starting, running or stopping at a time, the first that has not ended", ({
  expect,
}) => {
  everyHistory((world) => {
    for (const { state } of world.lived) {
      const live = state?.jobs.filter(isLive) ?? [];
      expect(live.slice(1).map(({ status }) => status)).toStrictEqual(live.slice(1).map(() => "queued"));
    }
  });
});

test("invariant 4: each acknowledged event is stored exactly once, in order, and the ack is the last of them", ({
  expect,
}) => {
  everyHistory((world) => {
    const stored = new Map<string, number>();
    for (const lived of world.lived) {
      for (const { jobId, attempt, seq } of lived.events) {
        if (seq === null) continue;
        const key = `${jobId} ${attempt}`;
        expect(seq, describeStep(lived)).toBe((stored.get(key) ?? 0) + 1);
        stored.set(key, seq);
      }
      const { input, reply } = lived;
      if (input.kind !== "beat" || reply.kind !== "beat") continue;
      const key = `${input.beat.jobId} ${input.beat.attempt}`;
      expect(reply.reply.ack, describeStep(lived)).toBe(stored.get(key) ?? 0);
    }
  });
});

test("invariant 5: what names a container that does not live changes nothing", ({ expect }) => {
  everyHistory((world) => {
    for (const lived of world.lived) {
      const { input, before, state, effects, events, results } = lived;
      if (!("instance" in input) || input.instance === before?.instance?.id) continue;
      expect(state, describeStep(lived)).toBe(before);
      expect([effects, events, results]).toStrictEqual([[], [], []]);
    }
  });
});

test("invariant 5: a beat of another attempt, instance or job changes nothing", ({ expect }) => {
  everyHistory((world) => {
    for (const lived of world.lived) {
      const { input, before, state, effects, events, results, reply } = lived;
      if (input.kind !== "beat" || before === null) continue;
      const { jobId, attempt, instance } = input.beat;
      const job = jobOf(before, jobId);
      const foreign = instance !== before.instance?.id;
      if (!foreign && job?.attempt === attempt && job.current !== null) continue;
      // A harness that hears `stale-attempt` exits, so what it ended itself is answered while it carries the next out.
      const past = !foreign && job?.past?.attempt === attempt && job.past.instance === instance;
      expect(reply, describeStep(lived)).toMatchObject(
        past ? { reply: { ack: job.past.ack } } : { kind: "refused", refusal: { code: "stale-attempt" } },
      );
      expect(state, describeStep(lived)).toBe(before);
      expect([effects, events, results]).toStrictEqual([[], [], []]);
    }
  });
});

test("invariant 8: every live job has a deadline, and a living container one within a tick", ({ expect }) => {
  everyHistory((world) => {
    for (const lived of world.lived) {
      const { state, now } = lived;
      const job = state === null ? null : activeJob(state);
      if (state === null || job === null) continue;
      const standing = deadlines(state);
      const first = standing[0]?.at ?? Number.POSITIVE_INFINITY;
      if (state.instance === null) {
        expect(
          standing.map(({ name }) => name),
          describeStep(lived),
        ).toContain("queued");
      } else {
        expect(first, describeStep(lived)).toBeLessThanOrEqual(
          Math.max(now, state.instance.lastTickAt) + 30_000,
        );
      }
    }
  });
});

test("invariant 8: a tick leaves nothing due but what takes an effect to end", ({ expect }) => {
  everyHistory((world) => {
    for (const lived of world.lived.filter(({ input }) => input.kind === "tick")) {
      const due = lived.state === null ? [] : deadlines(lived.state).filter(({ at }) => at <= lived.now);
      expect(
        due.map(({ name }) => name).filter((name) => name !== "retention"),
        describeStep(lived),
      ).toStrictEqual([]);
    }
  });
});

test("invariant 9: once every job has ended, the container idles toward its end until its death is proved", ({
  expect,
}) => {
  everyHistory((world) => {
    for (const lived of world.lived) {
      const { state } = lived;
      if (state === null || state.instance === null || activeJob(state) !== null) continue;
      const names = deadlines(state).map(({ name }) => name);
      const ending = names.filter(
        (name) => name === "idle" || name === "stop-retry" || name === "judge-exit",
      );
      expect(ending, describeStep(lived)).toHaveLength(1);
    }
  });
});

test("invariant 9: every history ends, with no container left and every job told of", ({ expect }) => {
  everySettledHistory((world) => {
    expect(world.alive).toBeNull();
    expect(world.run.it.instance).toBeNull();
    expect(world.run.it.jobs.filter(isLive)).toStrictEqual([]);
    expect(deadlines(world.run.it).map(({ name }) => name)).toStrictEqual(["retention"]);
  });
});

test("invariant 16: nothing starts for a job that was cancelled or released", ({ expect }) => {
  everyCancelledHistory((world) => {
    for (const lived of world.lived) {
      if (!lived.effects.some(({ kind }) => kind === "start" || kind === "post")) continue;
      expect(lived.state === null ? null : activeJob(lived.state)?.stop, describeStep(lived)).toBeNull();
    }
  });
});

test("invariant 16: a stored cancel wins, and ends with proof or says that there is none", ({ expect }) => {
  everyCancelledHistory((world) => {
    const cancelled = new Set<string>();
    for (const lived of world.lived) {
      for (const job of lived.state?.jobs ?? []) {
        const key = `${job.jobId} ${job.round}`;
        if (job.end === null) {
          if (job.stop?.kind === "cancel") cancelled.add(key);
          continue;
        }
        if (!cancelled.has(key)) continue;
        const { code } = job.end.outcome;
        expect(["cancelled", "stop-unproven"], describeStep(lived)).toContain(code);
        const before = lived.before === null ? null : jobOf(lived.before, job.jobId);
        if (before === null || !isLive(before)) continue;
        if (code === "cancelled")
          expect(lived.alive, describeStep(lived)).not.toBe(before.current?.instance ?? "");
        else expect(lived.now - (job.stop?.at ?? 0)).toBeGreaterThanOrEqual(UNPROVEN_AFTER_MS);
      }
    }
  });
});

test("every job that a history cancels while it lives ends cancelled or unproven", ({ expect }) => {
  everySettledHistory((world) => {
    for (const { input, before, state } of world.lived) {
      if (input.kind !== "cancel" || before === null || state === null) continue;
      const job = jobOf(before, input.jobId);
      if (job === null || !isLive(job) || (job.stop !== null && job.stop.kind !== "deadline")) continue;
      const after = jobOf(state, input.jobId);
      expect(after?.status === "cancelled" || after?.stop?.kind === "cancel").toBe(true);
    }
  });
});
