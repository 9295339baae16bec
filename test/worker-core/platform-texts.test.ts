import { test } from "vitest";
import {
  exitCauseOf,
  meaningOf,
  PlatformTexts,
  saysNoStart,
  startFailureOf,
} from "../../worker/execution/platform-texts.ts";
import { runningRun } from "./run.ts";

const words = {
  "there is no container instance that can be provided to this durable object": "no-capacity",
  "Maximum number of running container instances exceeded": "no-capacity",
  "you are requesting too many containers per second": "rate-limited",
  "Container failed to start": "other",
  "something nobody has seen": "other",
} as const;

test("a refusal for want of room is told from a failed start by the platform's words alone", ({ expect }) => {
  for (const [text, cause] of Object.entries(words)) expect(startFailureOf(text), text).toBe(cause);
});

test("what the platform says of a start that came to nothing is known as that", ({ expect }) => {
  const told = [
    "Container failed to start",
    "the container is not listening in the TCP address 10.0.0.1:8080",
    "Container is not listening to port 8080",
    "Invalid container instance type",
    "start() cannot be called on a container that is already running.",
  ];
  for (const text of told) expect([text, meaningOf(text)]).toEqual([text, "start-failed"]);
  expect(meaningOf("something nobody has seen")).toBeNull();
});

test("a rollout is told before the code of its signal, and a signal before a death nobody saw", ({
  expect,
}) => {
  const rollout = "Runtime signalled the container to exit due to a new version rollout: 0";
  expect(exitCauseOf({ code: null, message: rollout, drained: false })).toBe("rollout");
  expect(exitCauseOf({ code: 143, message: rollout, drained: false })).toBe("rollout");
  expect(
    exitCauseOf({ code: null, message: "Runtime signalled the container to exit: 15", drained: false }),
  ).toBe("platform-stop");
  expect(exitCauseOf({ code: null, message: "", drained: false })).toBe("vanished");
  expect(exitCauseOf({ code: 137, message: "exit 137", drained: false })).toBe("oom");
  expect(exitCauseOf({ code: 143, message: "exit 143", drained: false })).toBe("platform-stop");
  expect(exitCauseOf({ code: 0, message: "exit 0", drained: false })).toBe("exited");
});

test("whatever code a harness that drained ends with, the platform stopped it", ({ expect }) => {
  for (const code of [0, 1, 137, 143, null]) {
    expect(exitCauseOf({ code, message: "", drained: true })).toBe("platform-stop");
  }
  const rollout = "Runtime signalled the container to exit due to a new version rollout: 0";
  expect(exitCauseOf({ code: 137, message: rollout, drained: true })).toBe("rollout");
});

test("a lost connection, or what nobody knows, does not say that a start came to nothing; a refusal does", ({
  expect,
}) => {
  const refusals = ["no container instance that can be provided", "Container failed to start"];
  for (const text of refusals) expect(saysNoStart(`Error: ${text}`), text).toBe(true);
  for (const text of ["Network connection lost.", "", "internal error"])
    expect(saysNoStart(text), text).toBe(false);
});

test("each text says whether it was seen here or only read", ({ expect }) => {
  expect(PlatformTexts.filter(({ known }) => known === "seen").map(({ means }) => means)).toStrictEqual([
    "start-failed",
  ]);
});

test("a container that a rollout replaced is a transient loss that names the rollout, and invents no code", ({
  expect,
}) => {
  const run = runningRun();
  const message = "Runtime signalled the container to exit due to a new version rollout: 0";
  run.give(
    { kind: "dead", instance: run.instance.id, proof: "the platform knows no container", message },
    100,
  );
  run.tick(5_000);
  expect(run.job.end).toMatchObject({ evicted: "transient", exit: { cause: "rollout", code: null } });
  expect(run.job.end?.error).toMatch(/^The platform replaced the container /);
});
