import { readFileSync } from "node:fs";
import { test } from "vitest";
import { type OutcomeCode, Outcomes } from "../../shared/outcomes.ts";
import type { DONE } from "./build.ts";
import { JOB, makeNote, makePolicy } from "./build.ts";
import { Run, runningRun } from "./run.ts";

test("an error that tells whose doing it was is believed over its code", ({ expect }) => {
  const disk = "fatal: write error: No space left on device";
  const host = "fatal: unable to access 'https://git.example/': The requested URL returned error: 503";
  const token = "fatal: Authentication failed for 'https://git.example/'";
  const rows = [
    ["git", disk, "platform", /disk was full/],
    ["agent", "write failed", "platform", /larger instance/, "ENOSPC: no space left on device, write"],
    ["git", host, "provider", /did not answer/],
    ["git", "fatal: Could not resolve host: git.example", "provider", /did not answer/],
    ["git", token, "user", /token/],
    ["agent", "HTTP 503 from the model", "agent", /log tail/],
  ] as const;
  for (const [failureCause, error, blame, next, detail] of rows) {
    const run = runningRun();
    run.beat({ terminal: { state: "failed", error, failureCause, ...(detail !== undefined && { detail }) } });
    expect([error, run.job.end?.outcome.blame]).toEqual([error, blame]);
    expect(run.job.end?.outcome.next).toMatch(next);
    expect(run.job.end?.outcome.code).toBe(`${failureCause}-failed`);
  }
});

/** A history for every way a job may end. */
const endings: Readonly<Record<OutcomeCode, () => Run>> = {
  done: () => told({ state: "done", result: {} }),
  "result-error": () => told({ state: "done", result: { error: "the agent produced no report." } }),
  cancelled: () => {
    const run = runningRun();
    run.cancel(100);
    run.exited(143, 100);
    return run;
  },
  released: () => {
    const run = runningRun();
    run.release(100);
    run.exited(143, 100);
    return run;
  },
  "agent-failed": () => failed("agent"),
  "git-failed": () => failed("git"),
  "api-failed": () => failed("api"),
  "branch-contended": () => failed("branch-contended"),
  "no-tool-progress": () => {
    const run = atWork();
    run.beat({ outputAgeMs: 0, toolAgeMs: 5 }, 10);
    for (let beat = 0; beat < 40 && run.job.stop === null; beat += 1) {
      run.beat({ outputAgeMs: 0 }, 5_000);
      run.tick();
    }
    return stopped(run);
  },
  "inactivity-timeout": () => {
    const run = atWork();
    for (let beat = 0; beat < 40 && run.job.stop === null; beat += 1) {
      run.beat({}, 5_000);
      run.tick();
    }
    return stopped(run);
  },
  "max-duration": () => {
    const run = runningRun();
    run.tick(3_600_000);
    return stopped(run);
  },
  "step-timeout": () => {
    const run = runningRun({ policy: makePolicy({ cloneMs: 10_000 }) });
    run.beat({ phase: "clone" }, 100);
    run.tick(10_000);
    return stopped(run);
  },
  "refused-by-harness": () => {
    const run = handedOver();
    const instance = run.instance.id;
    run.give({ kind: "refused", instance, jobId: JOB, attempt: 1, error: "Invalid job" });
    return run;
  },
  capacity: () => {
    const run = new Run();
    run.dispatch({ policy: makePolicy({ queuedMs: 5_000 }) });
    run.started(10);
    run.startFailed("no-capacity", 10);
    run.tick(5_000);
    return run;
  },
  "start-failed": () => {
    const run = new Run();
    run.dispatch();
    for (let start = 0; start < 3; start += 1) {
      run.started(10);
      run.startFailed("other", 10);
    }
    return run;
  },
  "evicted-crash": () => lost(1),
  "evicted-transient": () => lost(143),
  "harness-shutdown": () => {
    const run = runningRun();
    run.beat({ events: [makeNote(1, "shutting-down")] }, 100);
    run.exited(0, 100);
    run.tick(5_000);
    return run;
  },
  "spec-unreadable": () => {
    const run = handedOver();
    run.give({ kind: "spec-unreadable", jobId: JOB, attempt: 1 });
    return run;
  },
  "credentials-expired": () => {
    const run = runningRun({ policy: makePolicy({ recovery: "heal" }) });
    run.exited(143, 100);
    run.tick(5_000);
    run.started(100);
    run.ready(900);
    run.accepted(JOB, 50);
    const error = "fatal: Authentication failed for 'https://git.example/a/b.git/'";
    run.beat({ terminal: { state: "failed", error, failureCause: "git" } }, 100);
    return run;
  },
  "stop-unproven": () => {
    const run = runningRun();
    run.cancel(100);
    run.tick(10_000);
    run.tick(5_000);
    for (let retry = 0; retry < 90 && run.job.end === null; retry += 1) {
      run.unproved(10);
      run.tick(15_000);
    }
    return run;
  },
};

for (const [code, make] of Object.entries(endings)) {
  test(`a job ends as ${code}, with what its code means to whoever has to act on it`, ({ expect }) => {
    const { job } = make();
    expect(job.end?.outcome).toMatchObject({ code, ...Outcomes[job.end?.outcome.code ?? "done"] });
  });
}

test("the outcomes page has a row for every code, and no other", ({ expect }) => {
  const page = readFileSync(new URL("../../docs/outcomes.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (yes|no) \| (\w+) \| ([^|]+) \| ([^|]+) \|$/gm)].map(
    ([, code = "", retryable = "", blame = "", , next = ""]) => [code, retryable, blame, next],
  );
  const meant = Object.entries(Outcomes).map(([code, { retryable, blame, next }]) => [
    code,
    retryable ? "yes" : "no",
    blame,
    next,
  ]);
  expect(rows).toStrictEqual(meant);
});

function handedOver(): Run {
  const run = new Run();
  run.dispatch();
  run.started(100);
  run.ready(900);
  return run;
}

function atWork(): Run {
  const run = runningRun({
    policy: makePolicy({ silenceMs: 30_000, inactivityMs: 60_000, toolSilenceMs: 120_000 }),
  });
  run.beat({ phase: "agent" }, 100);
  return run;
}

function told(terminal: typeof DONE): Run {
  const run = runningRun();
  run.beat({ terminal }, 100);
  return run;
}

function failed(failureCause: "agent" | "git" | "api" | "branch-contended"): Run {
  const run = runningRun();
  run.beat({ terminal: { state: "failed", error: "it failed", failureCause } }, 100);
  return run;
}

function stopped(run: Run): Run {
  run.beat({ terminal: { state: "failed", error: "stopped" } }, 100);
  return run;
}

function lost(code: number): Run {
  const run = runningRun();
  run.exited(code, 100);
  run.tick(5_000);
  return run;
}
