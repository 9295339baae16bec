import { lstat, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { readProcessTable } from "../../../container/process/table.ts";
import { openStudio } from "../flows/studio.ts";
import { stopped } from "../recording-context.ts";
import { account, canSwitch } from "./account.ts";

/** The agent's commands write down what they see, in the one place they may write that the test can read. */
const seen = (folder: string): string => join(folder, "job", "agent", "tmp", "seen");

test.skipIf(!canSwitch)(
  "an agent with an account of its own commits, and the harness pushes and opens the pull request",
  async ({ expect }) => {
    const studio = await openStudio({
      user: account,
      agent: `id -u > $TMPDIR/seen; id -G >> $TMPDIR/seen; commit work.txt; say ok`,
    });
    const terminal = await studio.run();
    expect(terminal).toMatchObject({
      state: "done",
      result: { pushed: true, branch: "cat/1", prUrl: expect.stringContaining("/pull/") },
    });
    expect(await studio.host.inRepository("show", "cat/1:work.txt")).toBe("work.txt");
    expect(await readFile(seen(studio.folder), "utf8")).toBe(`${account.uid}\n${account.gid}\n`);
  },
);

test.skipIf(!canSwitch)(
  "edits that an agent with an account of its own left uncommitted are saved and pushed",
  async ({ expect }) => {
    const studio = await openStudio({
      user: account,
      files: { "README.md": "hello\n", "src/a.txt": "a\n" },
      agent: `echo edited > README.md; rm src/a.txt; umask 077; echo new > new.txt; git add new.txt; echo rest > rest.txt; say ok`,
      job: { contextFiles: [{ path: "ticket.md", content: "the ticket\n", title: "Ticket", url: "" }] },
    });
    expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
    const files = await studio.host.inRepository("ls-tree", "-r", "--name-only", "cat/1");
    expect(files.split("\n")).toEqual(["README.md", "new.txt"]);
  },
);

test.skipIf(!canSwitch)(
  "what an agent commits while it works is pushed at the next checkpoint, whoever owns the checkout",
  async ({ expect }) => {
    const studio = await openStudio({
      user: account,
      limits: { checkpointMs: 50 },
      agent: "commit one.txt; wait_for_go; commit two.txt; say ok",
    });
    const running = studio.run();
    await studio.host.server.waitForPush(() => true);
    await studio.letGo();
    expect(await running).toMatchObject({ state: "done", result: { pushed: true } });
    expect(await studio.host.inRepository("show", "cat/1:two.txt")).toBe("two.txt");
  },
);

test.skipIf(!canSwitch)(
  "an agent with an account of its own reaches nothing of the harness's folder, its token included",
  async ({ expect }) => {
    const studio = await openStudio({
      user: account,
      agent: `
{ ls -R "$PWD/.." "$HOME/.." "$PWD/../harness" "$PWD/../harness/outbox.git"; cat "$PWD/../harness/askpass"
grep -r "gh[s]_" "$PWD/.." /proc/[0-9]*/environ /proc/[0-9]*/cmdline; } > $TMPDIR/seen 2>&1
echo "[http]" >> $PWD/../harness/outbox.git/config; touch $PWD/../harness/home/gitconfig
commit work.txt; say ok`,
    });
    expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
    const text = await readFile(seen(studio.folder), "utf8");
    expect(text).toMatch(/Permission denied/);
    expect(text).not.toMatch(/ghs_|exec cat|packed-refs|objects/);
  },
);

test.skipIf(!canSwitch)(
  "stopped or not, nothing of the agent's account is left when its job has ended",
  async ({ expect }) => {
    const hidden = `(cd / && env -i setsid -f sleep 300); (cd / && env -i setsid -f sleep 300)`;
    const done = await openStudio({ user: account, agent: `${hidden}; sleep 0.2; commit work.txt; say ok` });
    expect(await done.run()).toMatchObject({ state: "done" });
    const stopping = await openStudio({
      user: account,
      agent: `${hidden}; say waiting; trap '' TERM; sleep 300`,
    });
    const running = stopping.run();
    await stopping.recording.waitFor((reported) => reported.kind === "output");
    stopping.recording.stop(stopped);
    expect(await running).toMatchObject({ state: "failed" });
    const table = await readProcessTable();
    expect(table.filter(({ uid }) => uid === account.uid)).toEqual([]);
  },
);

test.skipIf(!canSwitch)(
  "what the harness wrote for the agent is the agent's to read and change",
  async ({ expect }) => {
    const studio = await openStudio({
      user: account,
      agent: `cat .cat-context/ticket.md > $TMPDIR/seen && echo more >> .cat-context/ticket.md && touch $HOME/own && echo x > "$PI_CODING_AGENT_DIR/own" && commit work.txt; say ok`,
      job: { contextFiles: [{ path: "ticket.md", content: "the ticket\n", title: "Ticket", url: "" }] },
    });
    expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
    expect(await readFile(seen(studio.folder), "utf8")).toBe("the ticket\n");
    const job = join(studio.folder, "job");
    expect((await readdir(job)).toSorted()).toEqual(["agent", "checkout", "harness"]);
    for (const path of [job, join(job, "agent"), join(job, "harness")])
      expect((await lstat(path)).uid).toBe(0);
    expect((await lstat(join(job, "checkout", "work.txt"))).uid).toBe(account.uid);
  },
);

test.skipIf(!canSwitch)(
  "a history that an agent with an account of its own began anew is pushed with its uncommitted edits",
  async ({ expect }) => {
    const studio = await openStudio({
      user: account,
      agent: `rm -rf .git; git init -q -b cat/1; git config user.name a; git config user.email a@b
commit work.txt; echo edited > work.txt; say ok`,
    });
    expect(await studio.run()).toMatchObject({ state: "done", result: { pushed: true } });
    expect(await studio.host.inRepository("show", "cat/1:work.txt")).toBe("edited");
    expect(await studio.host.inRepository("merge-base", "main", "cat/1")).toBe(
      await studio.host.inRepository("rev-parse", "main"),
    );
  },
);
