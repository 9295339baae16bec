import { test } from "vitest";
import type { GitHost } from "../git-host.ts";
import { type Studio, type StudioOptions, openStudio } from "./studio.ts";

const back = "git reset -q --hard HEAD~1";
const there = (host: GitHost) => host.commitElsewhere("cat/1", "before.txt", "main");

const headOf = ({ host }: Studio, branch = "cat/1") => host.server.branch("octo", "app", branch);

/** A job whose agent commits, has that pushed by a checkpoint, and then does something else. */
async function runAfterCheckpoint(
  then: string,
  options: Omit<StudioOptions, "agent"> & { readonly meanwhile?: (studio: Studio) => Promise<unknown> } = {},
) {
  const agent = `commit work.txt; wait_for_go; ${then}; say ok`;
  const studio = await openStudio({ agent, limits: { checkpointMs: 50 }, ...options });
  const start = (await headOf(studio)) ?? (await headOf(studio, "main"));
  const running = studio.run();
  const { updates } = await studio.host.server.waitForPush(() => true);
  await options.meanwhile?.(studio);
  await studio.letGo();
  const terminal = await running;
  const notes = studio.recording.reported.flatMap((report) =>
    report.kind === "note" && report.code === "work-taken-back" ? [report.text] : [],
  );
  return { studio, terminal, start, pushed: updates[0]?.after ?? "", notes };
}

for (const [what, before] of [
  ["a new branch has nothing beyond where it was made", undefined],
  ["a branch that was there before is as it was", there],
] as const) {
  test(`where the agent takes back all that a checkpoint pushed, ${what}`, async ({ expect }) => {
    const ran = await runAfterCheckpoint(back, { ...(before && { before }) });
    expect(ran.terminal).toMatchObject({
      state: "done",
      result: { pushed: false, failureCause: "no-changes" },
    });
    expect(await headOf(ran.studio)).toBe(ran.start);
    expect(ran.notes).toEqual([
      `The agent took back what had been pushed to 'cat/1', up to commit ${ran.pushed}; it is there no longer.`,
    ]);
  });
}

/** What may be all that is left of the work that went back. */
const rests = {
  "whose files are untracked now": "git reset -q HEAD~1",
  "that is stashed": "git reset -q --soft HEAD~1; git stash -q",
} as const;

for (const [which, then] of Object.entries(rests)) {
  test(`pushed work ${which} stays on the branch, and is told of`, async ({ expect }) => {
    const ran = await runAfterCheckpoint(then, { job: { noChangesIsError: false } });
    expect(ran.terminal).toMatchObject({ state: "done", result: { pushed: true } });
    expect(await headOf(ran.studio)).toBe(ran.pushed);
    expect(ran.notes).toEqual([expect.stringMatching(`${ran.pushed}; it is there still.$`)]);
  });
}

test("what somebody else put on work that the agent takes back is left alone", async ({ expect }) => {
  let theirs = "";
  const ran = await runAfterCheckpoint(back, {
    meanwhile: async ({ host }) => (theirs = await host.commitElsewhere("cat/1", "theirs.txt")),
  });
  expect(ran.terminal).toMatchObject({ state: "done", result: { pushed: true } });
  expect(await headOf(ran.studio)).toBe(theirs);
  expect(ran.notes).toEqual([expect.stringContaining("it is there still: branch 'cat/1' was moved")]);
});

test("what an earlier attempt pushed stays where the agent takes back its own", async ({ expect }) => {
  const first = await openStudio({ agent: "commit before.txt; say ok" });
  await first.run();
  const ran = await runAfterCheckpoint(back, { earlier: first });
  expect(ran.terminal).toMatchObject({ state: "done", result: { pushed: true } });
  expect(await headOf(ran.studio)).toBe(ran.start);
});

test("pushed work stays where the agent takes it back and fails", async ({ expect }) => {
  const ran = await runAfterCheckpoint(`${back}; exit 3`);
  expect(ran.terminal).toMatchObject({ state: "failed", failureCause: "agent", result: { pushed: true } });
  expect(await headOf(ran.studio)).toBe(ran.pushed);
});
