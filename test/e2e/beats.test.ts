// Beats as no harness of ours sends them: each is stored once, or refused with its code and nothing changed.
import { afterAll, beforeAll, test } from "vitest";
import { always, say } from "../../local/model/script.ts";
import type { ExecutionEvent } from "../../shared/events.ts";
import type { JobView } from "../../shared/job-view.ts";
import { Limits } from "../../shared/limits.ts";
import { seqsOf } from "./log.ts";
import { openPuppetWorld, type Posted, type Puppet, type PuppetWorld } from "./puppet/puppet.ts";
import type { JobBody } from "./world.ts";

let world: PuppetWorld;
beforeAll(async () => {
  world = await openPuppetWorld();
});
afterAll(() => world.close());

const terminal = { state: "done", result: { summary: "as told" } };
const note = (seq: number, text = `fact ${seq}`) => ({ seq, at: 1, kind: "note", code: "fact", text });
const stored = (ack: number): object => ({ status: 200, body: { ack } });

test("invariant 4: a beat that comes twice is stored once", async ({ expect }) => {
  const { body, puppet } = await begin("exec_doubled");
  const beat = puppet.beat({ events: [note(1), note(2)] });
  expect(await puppet.post(beat)).toMatchObject(stored(2));
  const once = await factsOf(body);
  expect(await puppet.post(beat)).toMatchObject(stored(2));
  const twice = await factsOf(body);
  expect(twice.events).toEqual(once.events);
  expect(twice.view.notes).toEqual(once.view.notes);
  expect(seqsOf(twice.events, body.jobId)).toEqual([1, 2]);
});

test("invariant 4: beats that overtake each other are stored in their order, each event once", async ({
  expect,
}) => {
  const { body, puppet } = await begin("exec_swapped");
  expect(await puppet.post(puppet.beat({ events: [note(2)] }))).toMatchObject(stored(0));
  expect(seqsOf((await factsOf(body)).events, body.jobId)).toEqual([]);
  expect(await puppet.post(puppet.beat({ events: [note(1)] }))).toMatchObject(stored(1));
  expect(await puppet.post(puppet.beat({ events: [note(2), note(3)] }))).toMatchObject(stored(3));
  const { events, view } = await factsOf(body);
  expect(seqsOf(events, body.jobId)).toEqual([1, 2, 3]);
  expect(view.gaps).toEqual([]);
});

test("an end ahead of events that are still missing waits for them", async ({ expect }) => {
  const { body, puppet } = await begin("exec_early");
  expect(await puppet.post(puppet.beat({ events: [note(2)], terminal }))).toMatchObject(stored(0));
  expect(await world.view(body.jobId)).toMatchObject({ state: "running" });
  expect(await puppet.post(puppet.beat({ events: [note(1), note(2)], terminal }))).toMatchObject(stored(2));
  expect(await world.view(body.jobId)).toMatchObject({ state: "done", result: terminal.result });
});

test("invariant 5: a beat of a foreign instance is stale, whatever it knows", async ({ expect }) => {
  const mine = await begin("exec_mine");
  const foreign = await begin("exec_foreign");
  const beat = mine.puppet.beat({ events: [note(1)], terminal });
  const attempts: readonly [string, () => Promise<Posted>][] = [
    [
      "another container with my beat and my key",
      () => foreign.puppet.post(beat, { key: mine.puppet.envelope.beatKey }),
    ],
    [
      "my container, naming another instance",
      () => mine.puppet.post({ ...beat, instance: foreign.puppet.envelope.instance }),
    ],
    [
      "my container, naming an instance that never was",
      () => mine.puppet.post({ ...beat, instance: "0".repeat(36) }),
    ],
    ["my container, for the other's job", () => mine.puppet.post({ ...beat, jobId: foreign.body.jobId })],
  ];
  const before = [await factsOf(mine.body), await factsOf(foreign.body)];
  for (const [who, post] of attempts) {
    expect(await post(), who).toMatchObject({ status: 409, body: { code: "stale-attempt" } });
    expect([await factsOf(mine.body), await factsOf(foreign.body)], who).toEqual(before);
  }
});

test("invariant 5: a beat of an ended attempt is acknowledged while nothing replaced it, and changes nothing", async ({
  expect,
}) => {
  const { body, puppet } = await begin("exec_ended");
  await puppet.post(puppet.beat({ events: [note(1)], terminal }));
  const before = await factsOf(body);
  expect(before.view).toMatchObject({ state: "done" });
  const other = { state: "failed", error: "another word" };
  expect(await puppet.post(puppet.beat({ events: [note(2)], terminal: other }))).toMatchObject(stored(1));
  expect(await factsOf(body)).toEqual(before);
});

test("a beat of an attempt that a later one follows in the same container changes nothing of that one", async ({
  expect,
}) => {
  const { body, puppet } = await begin("exec_replaced");
  await puppet.post(puppet.beat({ terminal }));
  const { jobId, kind: _saidByTheRoute, ...spec } = body;
  const again = await world.fetch("/v1/executions/exec_replaced/jobs", {
    method: "POST",
    body: JSON.stringify({ jobId, spec, again: true }),
  });
  expect(await again.json()).toMatchObject({ round: 2 });
  const second = await world.puppetOf(jobId, 2);
  expect(second.envelope.instance).toBe(puppet.envelope.instance);
  await world.until(jobId, ({ status }) => status === "running");

  const before = await factsOf(body);
  const beat = puppet.beat({ events: [note(1)], terminal });
  // Stale would make the harness exit, and take the later attempt with it.
  expect(await puppet.post(beat)).toMatchObject(stored(0));
  const masked = { ...beat, attempt: 2 };
  expect(await puppet.post(masked)).toMatchObject({ status: 401, body: { code: "invalid-beat-key" } });
  expect(await factsOf(body)).toEqual(before);
  expect(await second.post(second.beat({ events: [note(1)] }))).toMatchObject(stored(1));
});

test("a beat that no harness would send is refused by name, and nothing changes", async ({ expect }) => {
  const { body, puppet } = await begin("exec_refused");
  await puppet.post(puppet.beat({ events: [note(1)] }));
  const beat = puppet.beat({ events: [note(2)] });
  const text = JSON.stringify(beat);
  const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
  const large = "x".repeat(Limits.terminalBeatBytes);
  const refusals: readonly [string, number, string, () => Promise<Posted>][] = [
    ["without a key", 401, "invalid-beat-key", () => puppet.post(beat, { key: null })],
    ["with an empty key", 401, "invalid-beat-key", () => puppet.post(beat, { key: "" })],
    ["with a wrong key", 401, "invalid-beat-key", () => puppet.post(beat, { key: "k".repeat(43) })],
    ["with a caller's token", 401, "invalid-beat-key", () => puppet.post(beat, { key: world.secrets.token })],
    [
      "compressed",
      415,
      "unsupported-encoding",
      () => puppet.post(null, { text, headers: { "content-encoding": "gzip" } }),
    ],
    ["nested too deep", 400, "too-deep", () => puppet.post(null, { text: text.replace('"agent"', deep) })],
    ["too large", 413, "body-too-large", () => puppet.post({ ...beat, more: large })],
    ["no JSON", 400, "invalid-json", () => puppet.post(null, { text: text.slice(0, -1) })],
    ["empty", 400, "invalid-json", () => puppet.post(null, { text: "" })],
    ["no beat", 400, "invalid-beat", () => puppet.post({ ...beat, events: "none" })],
    ["of another version", 400, "invalid-beat", () => puppet.post({ ...beat, v: 7 })],
    [
      "with a forbidden key",
      400,
      "forbidden-key",
      () => puppet.post(null, { text: text.replace("{", '{"__proto__":{"attempt":9},') }),
    ],
  ];
  const before = await factsOf(body);
  for (const [how, status, code, post] of refusals) {
    expect.soft(await post(), how).toMatchObject({ status, body: { code } });
    expect.soft(await factsOf(body), how).toEqual(before);
  }
  expect(await puppet.post(beat)).toMatchObject(stored(2));
});

test("a beat before POST /jobs has returned is the acceptance, and stored once", async ({ expect }) => {
  await world.order({ holdJobs: true });
  const body = world.job("exec_held", always(say("never asked")));
  await world.dispatch(body);
  const puppet = await world.puppetOf(body.jobId);
  await world.order({});
  expect(await world.view(body.jobId)).toMatchObject({ status: "starting", attempt: 1 });
  expect(await puppet.post(puppet.beat({ events: [note(1)] }))).toMatchObject(stored(1));
  expect(await world.view(body.jobId)).toMatchObject({ status: "running", phase: "agent", attempt: 1 });
  const before = await factsOf(body);
  await puppet.release();
  expect(await puppet.post(puppet.beat({ events: [note(1), note(2)], terminal }))).toMatchObject(stored(2));
  const after = await factsOf(body);
  expect(after.view).toMatchObject({ state: "done", attempt: 1, result: terminal.result });
  expect(seqsOf(after.events, body.jobId)).toEqual([1, 2]);
  expect(after.events.slice(0, before.events.length)).toEqual(before.events);
});

async function begin(name: string): Promise<{ readonly body: JobBody; readonly puppet: Puppet }> {
  const body = world.job(name, always(say("never asked")));
  await world.dispatch(body);
  const puppet = await world.puppetOf(body.jobId);
  await world.until(body.jobId, ({ status }) => status === "running");
  return { body, puppet };
}

/** Everything that is served of a job, without what only the moment of reading makes. */
async function factsOf({ jobId }: JobBody): Promise<Facts> {
  const { asOf: _asOf, usage, signals, deadlines, ...view } = await world.view(jobId);
  return {
    view,
    tokens: usage.tokens,
    signals: [signals.process, signals.output, signals.tool].map((signal) => signal?.at ?? null),
    deadlines: deadlines.map(({ name, at }) => `${name} ${at}`),
    events: await world.events(jobId),
  };
}

type Facts = {
  readonly view: Omit<JobView, "asOf" | "usage" | "signals" | "deadlines">;
  readonly tokens: JobView["usage"]["tokens"];
  readonly signals: readonly (number | null)[];
  readonly deadlines: readonly string[];
  readonly events: readonly ExecutionEvent[];
};
