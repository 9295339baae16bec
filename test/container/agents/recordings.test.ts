import { readFileSync, readdirSync } from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { fileURLToPath } from "node:url";
import { test } from "vitest";
import { agentOf } from "../../../container/agents/agents.ts";
import { agentsUnderTest } from "../../agents/agents-under-test.ts";
import { normalise } from "../../agents/normalise.ts";
import { recordings } from "../../agents/recordings.ts";
import { makeJob } from "../make-job.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

const files = agentsUnderTest.flatMap((agent) => {
  const folder = new URL(`../fixtures/${agent.kind}/`, import.meta.url);
  return readdirSync(folder).map((name) => {
    const text = readFileSync(new URL(name, folder), "utf8");
    const [header = "", ...lines] = text.trimEnd().split("\n");
    return { agent, name, text, header, lines };
  });
});

test("there is a recording of every scenario, from the versions that are pinned, and no other", ({
  expect,
}) => {
  const planned = agentsUnderTest.flatMap(({ kind, version }) =>
    recordings
      .filter(({ only }) => only === undefined || only === kind)
      .map(({ scenario }) => `${kind} ${version}-${scenario}.jsonl`),
  );
  expect(files.map(({ agent, name }) => `${agent.kind} ${name}`).toSorted()).toEqual(planned.toSorted());
});

test("a recording's first line says what was recorded, when and against what, and is no record", ({
  expect,
}) => {
  for (const { agent, header } of files) {
    expect(JSON.parse(header)).toMatchObject({
      recorded: {
        cli: agent.program,
        version: agent.version,
        date: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
        scenario: expect.any(String),
        exit: expect.stringMatching(/^exited with code [01]$/),
        against: "a scripted server on this machine, no vendor",
      },
    });
  }
});

test("every line of a recording is a record of its agent's", ({ expect }) => {
  for (const { agent, name, lines } of files) {
    const auth = { kind: "token", subscriptionToken: "t" } as const;
    const job = agent.kind === "pi" ? makeJob() : makeJob({ agent: { kind: agent.kind, auth } });
    const parser = agentOf(job).createParser();
    expect(
      lines.filter((line) => parser.read(line) === null),
      name,
    ).toEqual([]);
  }
});

test("no recording holds a folder, a port, an id or an account of the machine it was made on", ({
  expect,
}) => {
  const { username } = userInfo();
  const foreign = [
    repository,
    `${tmpdir()}/holt-`,
    ...(homedir() === "/" ? [] : [`${homedir()}/`]),
    `${username}@`,
  ];
  for (const { name, text } of files) {
    expect(
      foreign.filter((part) => text.includes(part)),
      name,
    ).toEqual([]);
    const ids = text.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
    expect(
      ids.filter((id) => !id.startsWith("00000000-0000-4000-8000-")),
      name,
    ).toEqual([]);
    const ports = text.match(/127\.0\.0\.1:\d+/g) ?? [];
    expect(new Set(ports).size, name).toBeLessThanOrEqual(1);
  }
});

test("what belongs to one machine is replaced, the same by the same", ({ expect }) => {
  const id = (end: string): string => `0a2034a1-0389-75c0-bb87-e799c1cf84${end}`;
  const text = `${id("54")} ${id("55")} ${id("54")} /tmp/x/home -tmp-x-home 127.0.0.1:4711 "at":1795363034324, 2026-11-22T15:45:34.188Z`;
  const replaced = normalise(text, { folders: { "/tmp/x": "/job" } });
  const name = (number: number): string => `00000000-0000-4000-8000-00000000000${number}`;
  expect(replaced).toBe(
    `${name(1)} ${name(2)} ${name(1)} /job/home -job-home 127.0.0.1:8080 "at":1767225600000, 2026-01-01T00:00:00.000Z`,
  );
});
