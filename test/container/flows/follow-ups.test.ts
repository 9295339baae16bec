import { execa } from "execa";
import { appendFile, rename, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { type FollowUps, followUpsFile, startFollowUps } from "../../../container/flows/follow-ups.ts";
import { createRecording } from "../../../local/http-server.ts";
import type { FollowUp } from "../../../shared/job-result.ts";
import { makeFolder, realClock } from "../job-folder.ts";

type Told = FollowUp | { readonly note: string };

async function watch(folder: string, pollMs = 3_600_000) {
  const recording = createRecording<Told>();
  const stop = new AbortController();
  const followUps: FollowUps = await startFollowUps({
    folder,
    report: {
      followUp: recording.add,
      note: (_code, text) => recording.add({ note: text }),
    },
    clock: realClock,
    pollMs,
    signal: stop.signal,
  });
  const titles = (): readonly string[] =>
    recording.all().map((told) => ("title" in told ? told["title"] : `note: ${told.note}`));
  return { ...followUps, ...recording, titles, stop: () => stop.abort() };
}

const line = (title: string): string => `${JSON.stringify({ title, detail: "d" })}\n`;

test("follow-ups are told as the agent writes them, questions as questions", async ({ expect }) => {
  const folder = await makeFolder();
  const file = join(folder, followUpsFile);
  const told = await watch(folder, 5);
  await appendFile(file, '{"kind":"question","title":" Which one? ","detail":"a or b"}\n');
  await told.waitFor((item) => "title" in item && item["title"] === "Which one?");
  await appendFile(file, '{"kind":"odd","title":"Rename it","detail":5,"suggestedAction":" later "}\n');
  await told.waitFor((item) => "title" in item && item["title"] === "Rename it");
  await told.finish();
  expect(told.all()).toEqual([
    { kind: "question", title: "Which one?", detail: "a or b" },
    { kind: "follow_up", title: "Rename it", detail: "", suggestedAction: "later" },
  ]);
});

test("the last follow-up is told though no line end follows it", async ({ expect }) => {
  const folder = await makeFolder();
  const told = await watch(folder);
  await writeFile(join(folder, followUpsFile), `${line("first")}{"title":"last"}`);
  await told.finish();
  expect(told.titles()).toEqual(["first", "last"]);
});

test("each poll reads what is new, and a line in the making waits for its end", async ({ expect }) => {
  const folder = await makeFolder();
  const file = join(folder, followUpsFile);
  const told = await watch(folder, 5);
  const whole = line("ends with €");
  const bytes = Buffer.from(whole);
  const cutAt = bytes.indexOf(0xe2) + 1;
  await appendFile(file, line("first"));
  await appendFile(file, bytes.subarray(0, cutAt));
  await told.waitFor((item) => "title" in item && item["title"] === "first");
  await appendFile(file, bytes.subarray(cutAt));
  await told.waitFor((item) => "title" in item && item["title"] === "ends with €");
  // what was read is not read again, so a line that says the same is another one
  await appendFile(file, line("first"));
  await told.finish();
  expect(told.titles()).toEqual(["first", "ends with €", "first"]);
});

test("a file that the agent writes anew loses nothing and repeats nothing", async ({ expect }) => {
  const folder = await makeFolder();
  const file = join(folder, followUpsFile);
  const told = await watch(folder, 5);
  const seen = (title: string): Promise<Told> =>
    told.waitFor((item) => "title" in item && item["title"] === title);
  await writeFile(file, line("one") + line("two"));
  await seen("two");
  await writeFile(file, line("another, and longer than both of them together") + line("two") + line("three"));
  await seen("three");
  await truncate(file);
  await writeFile(file, line("four"));
  await seen("four");
  await writeFile(`${file}.new`, line("four") + line("five"));
  await rename(`${file}.new`, file);
  await seen("five");
  await told.finish();
  const longer = "another, and longer than both of them together";
  expect(told.titles()).toEqual(["one", "two", longer, "three", "four", "five"]);
});

test("what stood in the file before the agent began is not told", async ({ expect }) => {
  const folder = await makeFolder();
  const file = join(folder, followUpsFile);
  await writeFile(file, `${line("of an earlier job")}{"title":"cut sh`);
  const told = await watch(folder);
  await appendFile(file, line("new"));
  await told.finish();
  expect(told.titles()).toEqual(["new"]);
});

test("lines that are no follow-ups are left out, counted, and said once", async ({ expect }) => {
  const folder = await makeFolder();
  const told = await watch(folder);
  const lines = [
    "no json",
    "[]",
    '{"title":" "}',
    '{"title":5}',
    "",
    "[".repeat(60_000),
    "x".repeat(100_000),
  ];
  await writeFile(join(folder, followUpsFile), `${lines.join("\n")}\n${line("good")}`);
  await told.finish();
  await told.finish();
  expect(told.titles()).toEqual([
    "good",
    `note: Lines of ${followUpsFile} that are no follow-ups and were left out: 6.`,
  ]);
});

test("an agent that floods the file is read within bounds", async ({ expect }) => {
  const folder = await makeFolder();
  const told = await watch(folder);
  const flood = Array.from({ length: 20_000 }, (_, count) => line(`${count} ${"x".repeat(400)}`)).join("");
  await writeFile(join(folder, followUpsFile), flood);
  await told.finish();
  expect(told.titles()).toHaveLength(1_001);
  expect(told.titles().at(-1)).toBe("note: Follow-ups beyond 1000 were left out: 19000.");
});

test("neither a link is followed nor a pipe waited for", async ({ expect }) => {
  const folder = await makeFolder();
  const [linked, piped, held] = [join(folder, "linked"), join(folder, "piped"), join(folder, "held")];
  await execa("mkdir", [linked, piped, held]);
  await writeFile(join(folder, "elsewhere"), line("not the agent's"));
  const told = await Promise.all([linked, piped, held].map((place) => watch(place, 5)));
  await symlink(join(folder, "elsewhere"), join(linked, followUpsFile));
  await execa("mkfifo", [join(piped, followUpsFile)]);
  await execa("ln", [join(folder, "elsewhere"), join(held, followUpsFile)]);
  for (const { finish, titles } of told) {
    await finish();
    expect(titles()).toEqual([expect.stringContaining(`note: ${followUpsFile}: it`)]);
  }
});

test("a job that is stopped still tells what its agent had written", async ({ expect }) => {
  const folder = await makeFolder();
  const told = await watch(folder);
  await writeFile(join(folder, followUpsFile), line("in time"));
  told.stop();
  await told.finish();
  expect(told.titles()).toEqual(["in time"]);
});
