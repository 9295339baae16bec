import { test } from "vitest";
import type { Fate } from "../../../local/load/fate.ts";
import { fates } from "../../../local/load/fates.ts";
import { judge, see, type Sighting, unseen } from "../../../local/load/judge.ts";
import { planLoad } from "../../../local/load/plan.ts";
import { fateTable, settledLine, surpriseCount, tallyLine } from "../../../local/load/report.ts";
import type { Card } from "../../../shared/board.ts";
import { endedCard as ended, liveCard as live } from "./cards.ts";

const fate = (name: string): Fate => {
  const found = fates.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no fate ${name}`);
  return found;
};
const seen = (name: string, ...cards: readonly Card[]): Sighting =>
  cards.reduce((before, card) => see(fate(name), before, card), unseen);
const verdictOn = (name: string, ...cards: readonly Card[]) => judge(fate(name), seen(name, ...cards));

test("a job that ends is judged at its end, by outcome, recoveries and question", ({ expect }) => {
  expect(verdictOn("crashed")).toMatchObject({ kind: "pending", got: "not seen" });
  expect(verdictOn("crashed", live())).toMatchObject({ kind: "pending", got: "running (agent)" });
  expect(verdictOn("crashed", live(), ended("evicted-crash")).kind).toBe("so");
  expect(verdictOn("crashed", ended("evicted-transient"))).toEqual({
    kind: "surprise",
    expected: "evicted-crash",
    got: "evicted-transient",
  });
  expect(verdictOn("healed-crash", ended("done", { status: "done" }))).toMatchObject({
    kind: "surprise",
    expected: "done, recovered once",
    got: "done",
  });
  expect(verdictOn("asked", ended("done", { status: "done", attention: null })).kind).toBe("surprise");
  const question = { since: 1, why: "the agent asked a question" };
  expect(verdictOn("asked", ended("done", { status: "done", attention: question })).kind).toBe("so");
});

test("a job that stays is as it should be once it was seen so, however it ends later", ({ expect }) => {
  expect(verdictOn("starting", live({ status: "queued" })).kind).toBe("pending");
  expect(verdictOn("starting", live({ status: "starting" }))).toMatchObject({ kind: "so", got: "starting" });
  expect(verdictOn("starting", live({ status: "starting" }), ended("cancelled"))).toMatchObject({
    kind: "so",
    got: "starting, then cancelled",
  });
  expect(verdictOn("starting", ended("start-failed"))).toMatchObject({
    kind: "surprise",
    got: "start-failed",
  });
});

test("what could not be brought about is a surprise, whatever became of the job", ({ expect }) => {
  const sighting = { ...seen("crashed", ended("evicted-crash")), trouble: "no container is known" };
  expect(judge(fate("crashed"), sighting)).toMatchObject({
    kind: "surprise",
    got: "evicted-crash; no container is known",
  });
});

test("the terminal names each surprise, and the table counts them", ({ expect }) => {
  const plain = (_style: string, text: string): string => text;
  const jobs = planLoad(fates.length, "x").filter((job) =>
    ["crashed", "fixed", "starting"].includes(job.fate.name),
  );
  const cards: Readonly<Record<string, Card>> = {
    crashed: ended("evicted-transient"),
    fixed: ended("done", { status: "done" }),
    starting: live({ status: "starting" }),
  };
  const standing = jobs.map((job) => {
    const sighting = seen(job.fate.name, cards[job.fate.name] ?? live());
    return { job, sighting, verdict: judge(job.fate, sighting) };
  });
  expect(tallyLine(standing)).toBe("2 of 3 ended · 1 live · 0 queued · 0 ask for somebody · 1 surprises");
  expect(surpriseCount(standing)).toBe(1);
  expect(fateTable(standing, plain)).toEqual([
    "  jobs  fate      expected       got",
    "✓    1  fixed     done           done",
    "✗    1  crashed   evicted-crash  evicted-transient",
    "✓    1  starting  starting       starting",
  ]);
  const surprise = standing.find(({ job }) => job.fate.name === "crashed");
  if (surprise === undefined) throw new Error("there is one");
  expect(settledLine(surprise, 12_345, plain)).toMatch(
    /^ {2}12\.3 s {2}evicted-transient +[A-Z]+-\d+ +Warm the cache at start +should be: evicted-crash$/,
  );
});
