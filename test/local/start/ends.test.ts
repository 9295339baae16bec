import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { makePlace, type Place } from "./start-program.ts";

/** Whole starts, beside whatever else the machine is doing. */
const timeout = 120_000;

test(
  "SIGTERM, a hang-up and output that nobody reads end a start in order",
  { timeout },
  async ({ expect }) => {
    const endings = [
      { code: 143, end: (start: ReturnType<Place["start"]>) => start.signal("SIGTERM") },
      { code: 129, end: (start: ReturnType<Place["start"]>) => start.signal("SIGHUP") },
      { code: 141, end: (start: ReturnType<Place["start"]>) => start.closeOutput() },
    ];
    await Promise.all(
      endings.map(async ({ code, end }) => {
        await using place = await makePlace();
        const start = place.start(["--verbose"]);
        // The engine runs, and wrangler is about to start.
        await start.line(/process engine on /);
        end(start);
        expect(await start.ended).toEqual({ code, signal: null });
        expect(await place.remains()).toEqual([]);
      }),
    );
  },
);

test(
  "a start whose Worker cannot start says why, asks nobody outside, and leaves nothing",
  { timeout },
  async ({ expect }) => {
    await using place = await makePlace();
    await mkdir(place.stateDir);
    // Where the Worker's storage would be there is a file.
    await writeFile(join(place.stateDir, "worker"), "");
    const start = place.start();
    expect(await start.ended).toEqual({ code: 1, signal: null });
    const said = start.lines.join("\n");
    expect(said).toContain("wrangler ended before the Worker was ready:\n✘ [ERROR] ENOTDIR");
    // What wrangler says where it has asked npm's registry.
    expect(said).not.toContain("newer version of Wrangler");
    expect(await place.remains()).toEqual([]);
  },
);

test("a start that was killed does not block the next one", async ({ expect }) => {
  await using place = await makePlace();
  const killed = place.start(["--verbose"]);
  await killed.line(/process engine on /);
  killed.signal("SIGKILL");
  await killed.ended;
  await writeFile(join(place.stateDir, "secrets.json"), "{");
  const next = place.start();
  expect(await next.ended).toEqual({ code: 1, signal: null });
  expect(next.lines.join("\n")).toContain("`npm start -- --fresh` makes a new one");
});

test("what is asked in the wrong words is answered with the usage and 2, and nothing starts", async ({
  expect,
}) => {
  await using place = await makePlace();
  const cases = [
    { args: ["--bogus"], why: "Unknown option '--bogus'" },
    { args: ["--port", "many"], why: '--port takes a number from 1 to 65535, not "many"' },
    { args: ["--model", "gpt-5"], why: "--model needs OPENAI_API_KEY in the environment" },
    { args: ["--load", "0"], why: '--load takes a number from 1 to 200, not "0"' },
    { args: ["--load", "201"], why: '--load takes a number from 1 to 200, not "201"' },
    { args: ["--load", "3", "--model", "gpt-5"], why: "--load is scripted: it goes without --model" },
    { args: ["once"], why: "Unexpected argument 'once'" },
  ];
  await Promise.all(
    cases.map(async ({ args, why }) => {
      const start = place.start(args);
      expect(await start.ended).toEqual({ code: 2, signal: null });
      expect(start.lines[0]).toContain(why);
      expect(start.lines).toContainEqual(expect.stringContaining("usage: npm start"));
    }),
  );
  const help = place.start(["--help"]);
  expect(await help.ended).toEqual({ code: 0, signal: null });
  expect(help.lines.length).toBeGreaterThan(5);
  expect(existsSync(place.stateDir)).toBe(false);
});
