// Two jobs of one execution: one after the other, in the container of the first, and nothing of the first in sight.
import { afterAll, beforeAll, test } from "vitest";
import { always, runInTurn, say } from "../../local/model/script.ts";
import { type Gate, makeGate } from "./gate.ts";
import { seqsOf, upTo } from "./log.ts";
import { recorded } from "./recorded.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
let gate: Gate;
beforeAll(async () => {
  gate = await makeGate();
  world = await openWorld();
});
afterAll(async () => {
  await gate.close();
  await world.close();
});

const look = [
  "echo home=$HOME tmp=$TMPDIR here=$(pwd)",
  "ls -A $HOME $TMPDIR . ; git config --list --show-origin",
  "env; alias; cat $HOME/.bashrc $HOME/.gitconfig",
];
const litter = [
  'for at in "$HOME" "$TMPDIR" .; do echo of-the-first > "$at/left-by-the-first"; done',
  'git config --global user.nickname of-the-first; echo "export NICKNAME=of-the-first" >> $HOME/.bashrc',
  "export NICKNAME=of-the-first; git checkout -q -b of-the-first; git commit -q --allow-empty -m of-the-first",
];

test("two jobs take turns in one container, and the second sees nothing of the first", async ({ expect }) => {
  const lookAgain = look.map((command) => `${command} # again`);
  const first = recorded(runInTurn([...look, ...litter, ...lookAgain, gate.command], "Littered."));
  const second = recorded(runInTurn(look, "Looked round."));
  const one = world.job("exec_turns-one", first.script);
  const two = world.job("exec_turns-two", second.script, { noChangesIsError: false });
  await world.dispatch(one);
  await gate.arrived;

  expect(await world.dispatch(two)).toMatchObject({ status: "queued", attempt: 0 });
  expect(second.results).toEqual(new Map());
  expect(await world.view(two.jobId)).toMatchObject({ status: "queued", container: null });
  const three = world.job("exec_turns-three", always(say("Never asked.")));
  await world.dispatch(three);
  expect(await world.cancel(three.jobId)).toMatchObject({ status: "cancelled" });
  gate.open();
  const [endOne, endTwo] = [await world.ended(one.jobId), await world.ended(two.jobId)];

  expect(await world.view(three.jobId)).toMatchObject({ status: "cancelled", attempt: 0, container: null });
  expect(endOne).toMatchObject({ state: "done", attempt: 1, gaps: [] });
  expect(endTwo).toMatchObject({ state: "done", attempt: 1, gaps: [], result: { pushed: false } });
  expect(endTwo.container?.instance).toBe(endOne.container?.instance);
  expect(world.standIns.engine.containers()).toHaveLength(1);
  const events = await world.events(one.jobId);
  const begun = events.find(({ jobId, kind }) => jobId === two.jobId && kind === "attempt-started");
  const over = events.find(({ jobId, kind }) => jobId === one.jobId && kind === "terminal");
  expect(begun?.cursor).toBeGreaterThan(over?.cursor ?? Number.POSITIVE_INFINITY);
  for (const { jobId } of [one, two]) {
    const seqs = seqsOf(events, jobId);
    expect(seqs).toEqual(upTo(seqs.length));
  }

  const [placesOne, ...seenOne] = look.map((command) => first.results.get(command) ?? "");
  const [placesTwo, ...seenTwo] = look.map((command) => second.results.get(command) ?? "");
  const [homeOne, homeTwo] = [placesOne, placesTwo].map((text) => /home=(\S+)/.exec(text ?? "")?.[1]);
  expect(homeOne).toMatch(/^\/.+/);
  expect(homeTwo).toMatch(/^\/.+/);
  expect(homeTwo).not.toBe(homeOne);
  expect(seenOne.join("\n")).toContain("PI_PROXY_TOKEN");
  const littered = lookAgain.map((command) => first.results.get(command)).join("\n");
  expect(littered).toMatch(/left-by-the-first[^]*of-the-first/);
  expect(seenTwo.join("\n")).not.toMatch(/of-the-first|left-by-the-first/);
  expect(`${placesTwo}\n${seenTwo.join("\n")}`).not.toContain(homeOne);
});
