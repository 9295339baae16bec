/** Every role of `examples/`, carried out by the harness's own process. */

import { type ExpectStatic, test } from "vitest";
import { JobResult } from "../../shared/job-result.ts";
import { type AgentRecord, type Stage, type StageOptions, type View, openStage } from "./stage.ts";
import { roles, shapeOf } from "./examples.ts";
import { prBranch } from "./shop.ts";

type Case = {
  readonly flow: string;
  readonly act: string;
  readonly on?: "main" | "pull-request" | "conflict";
  /** What else the agent is told, by its headings; in the order in which it is told. */
  readonly told?: readonly string[];
  /** Where the caller's prompt is not the whole of what the agent is asked. */
  readonly asked?: (userPrompt: string, stage: Stage) => RegExp | string;
  /** What of this example is its own. */
  readonly check: (done: Done) => Promise<void>;
};

type Done = {
  readonly stage: Stage;
  readonly view: View;
  readonly record: AgentRecord;
  readonly expect: ExpectStatic;
};

const spoil = "echo scratch >> README.md; git commit -q -a -m scratch";
const linked = "## Linked context";
const edit = "echo '// once per payment' >> src/shipping.js";

const cases: Readonly<Record<string, Case>> = {
  explorer: {
    flow: "explore",
    act: `git rev-parse --is-shallow-repository; ${spoil}`,
    check: async (done) => {
      done.expect(done.record.output.trim()).toBe("false");
      await expectNothingPushed(done);
    },
  },
  blueprint: { flow: "explore", act: spoil, check: expectNothingPushed },
  "spec-writer": {
    flow: "explore",
    act: `echo '{"kind":"question","title":"How long is a payment id known?"}' >> .cat-follow-ups.jsonl; ${spoil}`,
    told: [linked],
    check: async (done) => {
      done
        .expect(done.view.followUps)
        .toEqual([{ kind: "question", title: "How long is a payment id known?", detail: "" }]);
      await expectNothingPushed(done);
    },
  },
  merger: {
    flow: "explore",
    on: "pull-request",
    act: "git diff --stat origin/main...HEAD",
    told: [linked],
    check: async (done) => {
      done.expect(done.record.output).toContain("src/shipping.js");
      await expectNothingPushed(done);
    },
  },
  "on-call": {
    flow: "explore",
    act: "git log --oneline",
    told: ["## The web", linked],
    check: async (done) => {
      done.expect(done.record.variables).toContain("SEARXNG_URL");
      await expectNothingPushed(done);
    },
  },
  tester: {
    flow: "explore",
    on: "pull-request",
    act: "git diff --stat origin/main...HEAD",
    told: [linked],
    check: async (done) => {
      done
        .expect((await done.stage.programs.calls()).map((call) => call.replace(/^docker compose /, "")))
        .toEqual(["-f compose.test.yml up -d --wait", "-f compose.test.yml down -v"]);
      await expectNothingPushed(done);
    },
  },
  "ui-tester": {
    flow: "explore",
    on: "pull-request",
    act: "pwd",
    told: ["## Where you work"],
    asked: (userPrompt, { body }) => {
      const { servePort, wiremockPort } = Object(body["infra"]);
      const url = `http://localhost:${servePort}`;
      return `${userPrompt}\n\nNote: The app is built and served at ${url}. Use ${url} for everything you test in it. Its other upstreams are WireMock at http://localhost:${wiremockPort} by its stubs, not live services: where a call to a live backend fails for CORS, that is an infra gap and not an app defect.`;
    },
    check: async (done) => {
      done.expect(done.record.output.trim()).toMatch(/\/checkout\/web$/);
      const called = (await done.stage.programs.calls()).map((call) => call.split(" ").slice(0, 3).join(" "));
      done
        .expect(called.toSorted())
        .toEqual([
          "java -jar /opt/wiremock/wiremock-standalone.jar",
          "pnpm install --frozen-lockfile",
          "pnpm run build",
          "serve -s dist",
        ]);
      done.expect(await done.stage.programs.environmentOf("pnpm run")).toMatchObject({
        VITE_API_URL: "http://localhost:8089",
      });
      await expectNothingPushed(done);
    },
  },
  fixer: {
    flow: "coding",
    on: "pull-request",
    act: edit,
    told: [linked],
    check: (done) => expectCommitOnTheBranch(done, "Answer a repeated payment with the first order"),
  },
  "ci-fixer": {
    flow: "coding",
    on: "pull-request",
    act: `${edit}; git commit -q -a -m 'Format dates in UTC'`,
    told: [linked],
    check: (done) => expectCommitOnTheBranch(done, "Format dates in UTC"),
  },
  "conflict-resolver": {
    flow: "conflict",
    on: "conflict",
    act: "echo 'export const ship = (order, payment, warehouse) => ({ order, payment, warehouse });' > src/shipping.js",
    asked: (userPrompt) =>
      new RegExp(
        `^Merging the base branch \`main\` into [^]*- src/shipping\\.js\n[^]*\n${escape(userPrompt)}\n$`,
      ),
    check: async (done) => {
      await expectCommitOnTheBranch(done, `Merge main into ${prBranch}`);
      const behind = await done.stage.shop.inRepository(
        "shop",
        "rev-list",
        "--count",
        "main",
        `^${prBranch}`,
      );
      done.expect(behind).toBe("0");
    },
  },
  bootstrapper: {
    flow: "bootstrap",
    act: `sed -i s/service-template/returns/ package.json; echo '# Returns' > README.md`,
    check: async ({ stage, expect }) => {
      const { shop } = stage;
      expect(await shop.inRepository("returns", "log", "--format=%s", "main")).toBe(
        "Bootstrap from acme/service-template",
      );
      expect(await shop.inRepository("returns", "show", "main:package.json")).toBe('{"name":"returns"}');
      expect(shop.git.pushes().map(({ name }) => name)).toEqual(["returns"]);
    },
  },
  coder: {
    flow: "coding",
    act: `${edit}; git commit -q -a -m 'Ship once'; echo '{"title":"Old parcels stay twice"}' >> .cat-follow-ups.jsonl`,
    told: [linked],
    check: async (done) => {
      const { stage, view, expect } = done;
      await expectCommitOnTheBranch(done, "Ship once");
      expect(view.followUps).toMatchObject([{ kind: "follow_up", title: "Old parcels stay twice" }]);
      expect(stage.shop.github.pulls()).toMatchObject([
        { title: "Ship once per payment", head: prBranch, base: "main", htmlUrl: view.result?.prUrl },
      ]);
    },
  },
};

test("every role has a case here", ({ expect }) => {
  expect(roles).toEqual(Object.keys(cases).toSorted());
});

const asIs = (userPrompt: string): string => userPrompt;

for (const [role, { flow, act, on = "main", told = [], asked = asIs, check }] of Object.entries(cases)) {
  test(`the ${role} is dispatched as data: its prompt reaches the agent, its answer comes back`, async ({
    expect,
  }) => {
    const options: StageOptions = { act, hasPullRequest: on !== "main", hasConflict: on === "conflict" };
    const stage = await openStage(role, options);
    expect(stage.flow).toBe(flow);
    const before = await stage.shop.inRepository("shop", "for-each-ref");
    const view = await stage.carryOut();
    expect(view).toMatchObject({ state: "done" });
    const record = await stage.record();
    expectPrompt(expect, { stage, record, told, asked });
    expectAnswer(expect, stage, view);
    await check({ stage, view, record, expect });
    if (flow === "explore") expect(await stage.shop.inRepository("shop", "for-each-ref")).toBe(before);
  });
}

/** Bytes that a shell, a template, a trim or another encoding would change. */
const oddities = " \t\r\n\n€ 😀 \u00a0 $HOME `id` %s \\n 'single' \"double\" {{x}} \u2028 ---\n\n";

for (const role of ["coder", "explorer", "bootstrapper"]) {
  test(`no byte of a prompt is lost or changed on its way to the agent of the ${role}`, async ({
    expect,
  }) => {
    const stage = await openStage(role, {
      act: "true",
      hasPullRequest: false,
      hasConflict: false,
      more: oddities,
    });
    await stage.carryOut();
    const { instructions, task } = readPrompt(await stage.record());
    const { systemPrompt, userPrompt } = stage.body;
    expect(task).toBe(userPrompt);
    expect(instructions.slice(0, systemPrompt.length)).toBe(systemPrompt);
  });
}

/** What is added to every role text, whoever plays it. */
const added = [
  "## This repository's own rules",
  "## Architecture notes",
  "## Specification",
  "## Your steps",
];

function expectPrompt(
  expect: ExpectStatic,
  given: Pick<Done, "stage" | "record"> & Required<Pick<Case, "told" | "asked">>,
): void {
  const { stage, record, told, asked } = given;
  const { body, example } = stage;
  // filling the placeholders in left the prompts as they stand in the file
  expect([body.systemPrompt, body.userPrompt]).toEqual([example.body.systemPrompt, example.body.userPrompt]);
  const { instructions, task } = readPrompt(record);
  expect(instructions.slice(0, body.systemPrompt.length + 2)).toBe(`${body.systemPrompt}\n\n`);
  const rest = instructions.slice(body.systemPrompt.length + 2);
  expect(rest.split("\n").filter((line) => line.startsWith("## "))).toEqual([...added, ...told]);
  const wanted = asked(body.userPrompt, stage);
  if (typeof wanted === "string") expect(task).toBe(wanted);
  else expect(task).toMatch(wanted);
  const files = Object.fromEntries(body.contextFiles.map(({ path, content }) => [path, content]));
  expect(record.contextFiles).toEqual(files);
}

/** Where each program is told its role and its task. */
function readPrompt({ name, args, stdin, home, homeFiles }: AgentRecord): {
  readonly instructions: string;
  readonly task: string;
} {
  if (name === "codex") {
    const at = stdin.indexOf("\n\n---\n\n");
    return { instructions: stdin.slice(0, at), task: stdin.slice(at + 7) };
  }
  const flag = name === "pi" ? "--append-system-prompt" : "--append-system-prompt-file";
  const path = args[args.indexOf(flag) + 1]?.slice(home.length + 1) ?? "";
  return { instructions: homeFiles[path] ?? "", task: stdin };
}

/** The result is the committed one, but for what is of this machine and this moment; and it has the role's own shape. */
function expectAnswer(expect: ExpectStatic, { example, body }: Stage, view: View): void {
  const { infraSetup: actual, prUrl, ...result } = JobResult.parse(view.result);
  const { infraSetup: wanted, prUrl: wantedUrl, ...expected } = example.result;
  expect(result).toEqual(expected);
  expect(prUrl && new URL(prUrl).pathname).toBe(wantedUrl && new URL(wantedUrl).pathname);
  expect(Object.keys(actual ?? {}).toSorted()).toEqual(Object.keys(wanted ?? {}).toSorted());
  expect(actual?.started).toBe(wanted?.started);
  expect(actual?.composePath).toBe(wanted?.composePath);
  expect(shapeOf(body)?.safeParse(result["custom"]).error).toBeUndefined();
  expect(shapeOf(body) === null).toBe(result["custom"] === undefined);
}

async function expectNothingPushed({ stage, expect }: Done): Promise<void> {
  expect(stage.shop.git.pushes()).toEqual([]);
  expect(stage.shop.github.requests()).toEqual([]);
}

/** The newest commit of the branch, on top of what was there, and nothing else moved. */
async function expectCommitOnTheBranch({ stage, expect }: Done, subject: string): Promise<void> {
  const { git, inRepository } = stage.shop;
  expect(await inRepository("shop", "log", "-1", "--format=%s", prBranch)).toBe(subject);
  const moved = git.pushes().flatMap(({ updates }) => updates.map(({ ref }) => ref));
  expect([...new Set(moved)]).toEqual([`refs/heads/${prBranch}`]);
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
