import { readFileSync } from "node:fs";
import { describe, test } from "vitest";
import { ExecutionView } from "../../shared/job-view.ts";
import { deadlines } from "../../worker/execution/deadlines.ts";
import { type ExecutionState, isLive, STATE_VERSION } from "../../worker/execution/state.ts";
import { completeExecution, completeJob } from "../../worker/execution/storage/upgrade.ts";
import { toExecutionView, toJobView } from "../../worker/execution/view.ts";
import { DONE, makeOutput } from "./build.ts";
import { extras } from "./extras.ts";
import { Run } from "./run.ts";
import { type InputKind, samples } from "./situations.ts";

const names = ["execution-state-running", "execution-state-stopping", "execution-state-ended"] as const;
const kinds = Object.keys(samples).filter((kind): kind is InputKind => Object.hasOwn(samples, kind));

describe("a state that version 1 stored", () => {
  for (const name of names) {
    test(`as ${name} reads as a view, with deadlines wherever a job lives`, ({ expect }) => {
      const { it, now } = loaded(name);
      const jobs = it.jobs.map((job) => toJobView(it, job, now, extras));
      expect(ExecutionView.parse(toExecutionView(it, jobs, now, extras)).jobs).toHaveLength(it.jobs.length);
      expect(deadlines(it).length).toBeGreaterThan(0);
      for (const { at } of deadlines(it)) expect(Number.isSafeInteger(at)).toBe(true);
    });

    test(`as ${name} takes every kind of input and stays plain data`, ({ expect }) => {
      for (const kind of kinds) {
        const run = loaded(name);
        run.give(samples[kind](run), 60_000);
        const again: unknown = JSON.parse(JSON.stringify(run.it));
        expect(again, kind).toStrictEqual(run.it);
      }
    });
  }

  test("goes on where it was: the next event follows the last acknowledged, and the job ends", ({
    expect,
  }) => {
    const run = loaded("execution-state-running");
    const ack = run.job.current?.ack ?? 0;
    expect(ack).toBeGreaterThan(0);
    const { reply } = run.beat({ events: [makeOutput(ack + 1)], terminal: DONE }, 1_000);
    expect(reply).toMatchObject({ reply: { ack: ack + 1 } });
    expect(run.job.status).toBe("done");
  });

  test("that was stopping goes on to the proof of death, and the waiting job then starts", ({ expect }) => {
    const run = loaded("execution-state-stopping");
    run.exited(143, 1_000);
    expect(run.job).toMatchObject({ status: "cancelled" });
    expect(run.it.jobs.filter(isLive).map(({ status }) => status)).toStrictEqual(["starting"]);
    expect(run.effects.at(-1)?.kind).toBe("start");
  });

  test("that had ended begins a new round whose numbers go on", ({ expect }) => {
    const run = loaded("execution-state-ended");
    const { attempt, spans, revision } = run.job;
    run.dispatch({}, 1_000);
    expect(run.job).toMatchObject({ round: 2, attempt, spans: { newest: spans.newest } });
    expect(run.job.revision).toBeGreaterThan(revision);
  });

  test("keeps the fields this version does not know", ({ expect }) => {
    const run = loaded("execution-state-running");
    const later = {
      ...run.it,
      addedTomorrow: 1,
      jobs: run.it.jobs.map((job) => ({ ...job, alsoTomorrow: [2] })),
    };
    run.state = later;
    run.beat({ terminal: DONE }, 1_000);
    expect(run.it).toMatchObject({ addedTomorrow: 1, jobs: [{ alsoTomorrow: [2], status: "done" }] });
  });
});

function loaded(name: (typeof names)[number]): Run {
  const url = new URL(`fixtures/v1/${name}.json`, import.meta.url);
  const state: ExecutionState = JSON.parse(readFileSync(url, "utf8"));
  if (state.version !== STATE_VERSION) throw new Error(`${name} has version ${String(state.version)}`);
  const run = new Run();
  run.state = { ...completeExecution(state), jobs: state.jobs.map((job) => completeJob(job)) };
  run.now = state.revision + 1_000;
  return run;
}
