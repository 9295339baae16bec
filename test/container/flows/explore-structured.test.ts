import { test } from "vitest";
import type { ExploreJob } from "../../../shared/job-body.ts";
import { completion, startModelEndpoint } from "../structured/model-endpoint.ts";
import { openExplore, phasesOf, reportsOf, structured, timeIsUp } from "./explore-studio.ts";

const through = ({ url }: { readonly url: string }): Partial<ExploreJob> => ({
  output: structured,
  agent: { kind: "pi", proxyBaseUrl: `${url}/v1`, sessionToken: "session-token" },
});

const notRepaired = { ...structured, repair: false };

test("a structured explore job gives the object in its agent's last answer", async ({ expect }) => {
  const studio = await openExplore({
    agent: `say_json 'Here: {"verdict":"pass","parts":[1,{"a":null}]} Bye.'`,
    job: { output: structured },
  });
  expect(await studio.run()).toEqual({
    state: "done",
    result: {
      summary: 'Here: {"verdict":"pass","parts":[1,{"a":null}]} Bye.',
      custom: { verdict: "pass", parts: [1, { a: null }] },
      stats: { toolCalls: 0, assistantChars: 52 },
    },
  });
  expect(phasesOf(studio)).toEqual(["clone", "agent"]);
});

test("a list is no structured result", async ({ expect }) => {
  const studio = await openExplore({
    agent: `say_json '[{"verdict":"pass"}]'`,
    job: { output: notRepaired },
  });
  expect(await studio.run()).toEqual({
    state: "done",
    result: {
      summary: '[{"verdict":"pass"}]',
      stats: { toolCalls: 0, assistantChars: 20 },
      error:
        'the agent produced no structured result. The agent did not return a parseable JSON object. Agent output: [{"verdict":"pass"}]',
      failureCause: "no-usable-output",
    },
  });
  expect(reportsOf(studio, "note")).toContainEqual({
    kind: "note",
    code: "structured-output",
    text: "The reply has an array, not an object; it was not put right.",
  });
});

test("the head of an unusable reply is cut after redaction", async ({ expect }) => {
  // the cut to 700 characters goes through the token
  const studio = await openExplore({
    agent: `say "$(printf '%0697d' 0)ghs_test-token_0123456789 and more"`,
    job: { output: notRepaired },
  });
  const { result } = await studio.run();
  expect(result?.error).toMatch(/ Agent output: 0{697}\*\*\*$/);
});

test("an unparseable reply is repaired once, in a phase and with tokens of its own", async ({ expect }) => {
  const endpoint = await startModelEndpoint(completion('{"verdict":"pass"}'));
  const studio = await openExplore({ agent: "say 'It passes.'", job: through(endpoint) });
  expect(await studio.run()).toEqual({
    state: "done",
    result: {
      summary: "It passes.",
      custom: { verdict: "pass" },
      stats: { toolCalls: 0, assistantChars: 10 },
    },
  });
  expect(endpoint.asked()).toHaveLength(1);
  expect(phasesOf(studio)).toEqual(["clone", "agent", "repair"]);
  expect(reportsOf(studio, "usage")).toEqual([{ kind: "usage", inputTokens: 40, outputTokens: 7 }]);
});

test("a reply that no repair helps is a failure that says what was tried", async ({ expect }) => {
  const endpoint = await startModelEndpoint({ status: 402, body: "budget exhausted" });
  const studio = await openExplore({
    agent: "say 'It passes.'; echo 'low on budget' >&2",
    job: through(endpoint),
  });
  expect(await studio.run()).toMatchObject({
    state: "done",
    result: {
      error:
        "the agent produced no structured result. The agent did not return a parseable JSON object. [structured repair did not help (repair call failed: HTTP 402 — budget exhausted)] Agent stderr: low on budget",
      failureCause: "no-usable-output",
    },
  });
});

test("a watchdog that ends a repair is told as the watchdog", async ({ expect }) => {
  const endpoint = await startModelEndpoint("never");
  const studio = await openExplore({ agent: "say 'It passes.'", job: through(endpoint) });
  const running = studio.run();
  await endpoint.waitFor(() => true);
  studio.recording.stop(timeIsUp);
  expect(await running).toEqual({
    state: "failed",
    error: "Aborted: exceeded max duration of 1s",
    failureCause: "max-duration",
    result: { summary: "It passes.", stats: { toolCalls: 0, assistantChars: 10 } },
  });
});

test("a reply that may be unusable is not parsed where the job wants a failure", async ({ expect }) => {
  const studio = await openExplore({
    agent: `answer '[{"type":"text","text":"{}"}]' length`,
    job: { output: { ...structured, failOnUnusableFinal: true } },
  });
  const { result } = await studio.run();
  expect(result).toMatchObject({ failureCause: "no-usable-output" });
  expect(result).not.toHaveProperty("custom");
});

test("the environment in a structured result is the job's own, whatever the model says", async ({
  expect,
}) => {
  const agent = `say_json '{"environment":"production","a":1}'`;
  const infra = { kind: "service", environment: "ephemeral", noInfraDependencies: false } as const;
  const stamped = await openExplore({ agent, job: { output: structured, infra } });
  expect((await stamped.run()).result?.["custom"]).toEqual({ environment: "ephemeral", a: 1 });
  const plain = await openExplore({ agent, job: { output: structured } });
  expect((await plain.run()).result?.["custom"]).toEqual({ environment: "production", a: 1 });
});

test("what a structured result lacks of a readable hint is a note", async ({ expect }) => {
  const studio = await openExplore({
    agent: `say_json '{"verdict":"pass"}'`,
    job: { output: { ...structured, shapeHint: '{"verdict":"","why":""}' } },
  });
  expect(await studio.run()).toMatchObject({ result: { custom: { verdict: "pass" } } });
  expect(reportsOf(studio, "note").filter(({ code }) => code === "structured-output")).toEqual([
    { kind: "note", code: "structured-output", text: "The structured result lacks: why." },
  ]);
});
