// Secrets in twelve encodings, planted wherever a job, its agent and its servers can put text; then everything that is
// stored, logged or served is searched for them. Beside them lie decoys, which are no secrets: found again, they show
// that a place was reached and that the search finds what is there.
import { afterAll, beforeAll, test } from "vitest";
import { createRedactor } from "../../shared/redact.ts";
import { type Crowd, gatherCrowd } from "./planted/crowd.ts";
import { formsOf } from "./planted/forms.ts";
import { carryOut, type Carried } from "./planted/carried.ts";
import { everythingAt } from "./planted/planting.ts";
import { plantingsAtWork } from "./planted/at-work.ts";
import { plantingsInRefusals } from "./planted/in-refusals.ts";
import { findTraces, formsFound } from "./planted/traces.ts";
import { codexLogin, decoyOf, planted } from "./planted/values.ts";

const plantings = [...plantingsAtWork, ...plantingsInRefusals];
let crowd: Crowd;
const carried: Carried[] = [];
beforeAll(async () => {
  crowd = await gatherCrowd();
  for (const planting of plantings) carried.push(await carryOut(planting, crowd));
}, 300_000);
afterAll(() => crowd.close());

test("invariant 10: twelve encodings of a planted value differ from each other, and all are known", ({
  expect,
}) => {
  const { beatKey: _plain, ...odd } = planted;
  for (const value of Object.values(odd)) {
    const forms = formsOf(value);
    const { redact, redactKnown } = createRedactor([value]);
    expect(new Set(forms.map(({ core }) => core)).size).toBeGreaterThanOrEqual(12);
    for (const { text, core } of forms) {
      expect(redact(`see ${text}.`)).not.toContain(core);
      expect(redactKnown(`see ${text}.`)).not.toContain(core);
    }
  }
});

test("invariant 10: secrets reach agent, git host and hosting service as they were dispatched, and come back in errors", ({
  expect,
}) => {
  expect(carried.map(({ place, ends }) => ({ place, ends }))).toEqual(
    plantings.map(({ place, ends: state, error }) => {
      const end = { state, error: error === null ? "" : expect.stringContaining(error) };
      return { place, ends: [end, end] };
    }),
  );
  const missing = carried.flatMap(({ place, names, planting }) =>
    names.flatMap((name) =>
      (planting.there?.(crowd.world, name, crowd.ears) ?? []).flatMap(({ where, texts, held }) =>
        texts.filter((text) => !held.includes(text)).map((text) => `${text} in ${where} of ${place}`),
      ),
    ),
  );
  expect(missing).toEqual([]);
});

test("invariant 10: what lies beside a secret and is none is read again at every exit", async ({
  expect,
}) => {
  const exits = await crowd.exits();
  const unread = Object.entries(exits).flatMap(([name, all]) =>
    plantings
      .filter(({ place }) => formsFound(decoyOf(place), all).length === 0)
      .map(({ place }) => `${place} in ${name}`),
  );
  expect(unread).toEqual([]);
  // all of these exits are JSON, in which a quote never stands as it is
  const everyForm = formsOf(decoyOf("git-refusal")).flatMap(({ name }) =>
    /^(?:as it is|in XML)$/.test(name) ? [] : [name],
  );
  for (const all of Object.values(exits)) {
    expect(formsFound(decoyOf("git-refusal"), all)).toEqual(expect.arrayContaining(everyForm));
  }
});

test("invariant 10: no planted secret, nor half of one, is stored, logged or served in any encoding", async ({
  expect,
}) => {
  const exits = [...Object.values(await crowd.exits()).flat(), ...(await crowd.elsewhere())];
  const values = [...Object.values(planted), codexLogin, crowd.world.secrets.token];
  const found = values.flatMap((value) => findTraces(value, exits));
  expect(found).toEqual([]);
});

test("invariant 10: a refused dispatch does not hear the credentials it brought, at either door", async ({
  expect,
}) => {
  const { world } = crowd;
  const text = everythingAt("door", planted.git, planted.model);
  const { kind, jobId, ...spec } = crowd.plainJob("exec_door");
  const misfits = [
    ["/jobs", { ...spec, jobId, kind: text }],
    ["/jobs", { ...spec, jobId, kind: { [text]: text } }],
    [
      "/v1/executions/exec_door/jobs",
      { jobId, spec, [text]: 1, policy: { [text]: 1 }, labels: { [text]: 1 } },
    ],
  ] as const;
  for (const [path, body] of misfits) {
    const answer = await world.fetch(path, { method: "POST", body: JSON.stringify(body) });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const exit = { what: path, text: await answer.text() };
    expect(exit.text).toContain("door-");
    expect([planted.git, planted.model].flatMap((value) => findTraces(value, [exit]))).toEqual([]);
  }
  expect(kind).toBe("agent");
});
