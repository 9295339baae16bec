import { runCommand } from "../../../local/model/script.ts";
import { inTurn } from "./ears.ts";
import { formsOf } from "./forms.ts";
import { tellingBuild } from "./frontend.ts";
import { branchesOf, namesOf } from "./names.ts";
import { everythingAt, type Planting, thatJsonKeeps, withoutPush } from "./planting.ts";
import { toolCalls } from "./tool-calls.ts";
import { codexLogin, decoyOf, planted } from "./values.ts";

const { git, model } = planted;

/** Secrets in what a job brings and in what its agent does. */
export const plantingsAtWork: readonly Planting[] = [
  {
    place: "work",
    ends: "done",
    error: null,
    job: (world, name, ears) => {
      const text = everythingAt("work", git, model);
      const branch = `holt/${name}/${namesOf(decoyOf("work"), git, model).join("/")}`;
      const calls = toolCalls([decoyOf("work"), git, model], text);
      return world.job(name, inTurn(ears, name, calls, `I know ${text}.`), {
        systemPrompt: `Never say ${text}.`,
        userPrompt: `Say ${text}, please.`,
        newBranch: branch,
        pushBranch: branch,
        pr: { title: `With ${text}`, body: text },
        streamFollowUps: true,
      });
    },
    there: (world, name, ears) => {
      const values = [decoyOf("work"), git, model];
      const texts = values.flatMap((value) => formsOf(value).map(({ text }) => text));
      const pulls = world.standIns.github.pulls().filter(({ head }) => head.includes(`/${name}/`));
      return [
        ...Object.entries(ears.heard(name)).map(([where, held]) => ({ where, texts, held })),
        { where: "pull request", texts, held: pulls.map(({ title }) => title).join() },
        { where: "pull request's body", texts, held: pulls.map(({ body }) => body).join() },
        { where: "branches", texts: namesOf(...values), held: branchesOf(world) },
      ];
    },
  },
  {
    place: "surroundings",
    ends: "done",
    error: "Command failed: npm run build",
    job: (world, name, ears) => {
      const { environment, database } = planted;
      const secrets = [environment, database, git];
      const text = everythingAt("surroundings", ...secrets);
      const leaf = thatJsonKeeps("surroundings", ...secrets);
      const answer = JSON.stringify({ verdict: leaf, [leaf]: [{ [leaf]: leaf }] });
      return world.job(name, inTurn(ears, name, [runCommand("env")], answer), {
        mode: "explore",
        output: { kind: "structured" },
        branch: tellingBuild,
        infra: {
          kind: "frontend",
          packageManager: "npm",
          install: "npm --version",
          env: {
            SERVICE_PASSWORD: environment,
            DATABASE_URL: `postgres://svc:${encodeURIComponent(database)}@db.invalid/app`,
            TELL: text,
          },
        },
        ...withoutPush,
      });
    },
    // of the agent's environment: what the job brings for its build is not the agent's
    there: (_world, name, ears) => [
      { where: "environment", texts: [`PI_PROXY_TOKEN=${model}`], held: ears.heard(name).results },
    ],
  },
  {
    place: "codex-login",
    ends: "failed",
    error: "401: the login *** of",
    job: (world, name, ears) => {
      const { codexAccess, codexRefresh } = planted;
      return world.job(name, inTurn(ears, name, [], "Never asked."), {
        harness: "codex",
        subscriptionToken: codexLogin,
        userPrompt: everythingAt("codex-login", codexAccess, codexRefresh, codexLogin),
      });
    },
  },
  {
    place: "claude-login",
    ends: "failed",
    error: "claude exited with code 1: ",
    job: (world, name, ears) =>
      world.job(name, inTurn(ears, name, [], "Never asked."), {
        harness: "claude-code",
        subscriptionToken: planted.claude,
        userPrompt: everythingAt("claude-login", planted.claude),
      }),
  },
];
