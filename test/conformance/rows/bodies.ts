/** Bodies that are refused, each with its text, and fields that are dropped. A refusal makes no job. */

import { demand, demandMatch, demandSame } from "../demand.ts";
import { type Row, group } from "../row.ts";
import { behave, emit } from "../world/behaviour.ts";
import { piSays } from "../world/events.ts";
import { type Fields, type Job, demandSuccess } from "../world/job.ts";
import type { Kit } from "../world/kit.ts";
import { field } from "./protocol.ts";

const done = behave(emit(...piSays("done")));

type Refused = readonly [fields: Fields, error: string];

const notEmpty = (path: string): string => `Invalid job: '${path}' must be a non-empty string`;
const coding = (fields: Fields): Fields => ({ mode: "coding", ...fields });
const target = {
  owner: "kit",
  name: "new",
  cloneUrl: "http://127.0.0.1:1/kit/new.git",
  defaultBranch: "main",
} as const;

/** A row of bodies that differ from a good one by the fields given; `repo` is laid over the good one's. */
function refusals(id: string, title: string, list: readonly Refused[], defects?: readonly number[]) {
  return {
    id,
    title,
    ...(defects !== undefined && { defects }),
    check: async (kit: Kit) => {
      for (const [fields, error] of list) await demandRefusal(kit, fields, error);
    },
  } satisfies Omit<Row, "group" | "kind">;
}

async function demandRefusal(kit: Kit, fields: Fields, error: string): Promise<void> {
  const job = await kit.plan({ mode: "explore", behaviour: done });
  const { status, body } = await postOver(job, fields);
  const named = Object.keys(fields).join(", ");
  demandSame(`a body with another ${named}`, [status, field(body, "error")], [400, error]);
  if (!("jobId" in fields)) demandSame("the refused job", (await job.read()).status, 404);
}

function postOver(job: Job, { repo, ...fields }: Fields) {
  const usual = job.body["repo"];
  if (repo === undefined || typeof repo !== "object" || repo === null) return job.post(fields);
  return job.post({ ...fields, repo: { ...Object(usual), ...repo } });
}

export const bodyRows = group("bodies", [
  {
    id: "body-json",
    title: "what is no JSON object is 400, in the engine's words where it is no JSON",
    check: async ({ client }) => {
      const empty = await client.send("POST", "/jobs", { body: "" });
      demandSame("empty", [empty.status, empty.body], [400, { error: "Unexpected end of JSON input" }]);
      const broken = await client.send("POST", "/jobs", { body: "{nonsense" });
      demandSame("broken", broken.status, 400);
      demandMatch("broken", field(broken.body, "error"), /JSON/);
      const nothing = await client.send("POST", "/jobs", { body: "null" });
      demandSame("null", nothing.status, 400);
      demandMatch("null", field(nothing.body, "error"), /./);
    },
  },
  {
    id: "body-kind",
    title: "an unknown kind is 404 and named",
    check: async (kit) => {
      for (const body of ["[]", '"agent"', "{}"]) {
        const { status, body: seen } = await kit.client.send("POST", "/jobs", { body });
        demandSame(body, [status, seen], [404, { error: "unknown job kind 'undefined'" }]);
      }
      const job = await kit.plan({ mode: "explore", behaviour: done });
      const { status, body } = await job.post({ kind: "build" });
      demandSame("build", [status, body], [404, { error: "unknown job kind 'build'" }]);
      demandSame("the refused job", (await job.read()).status, 404);
    },
  },
  refusals("body-strings", "a missing or empty required text is refused by its path", [
    ...["jobId", "systemPrompt", "userPrompt", "model", "ghToken", "branch"].flatMap((name) => [
      [{ [name]: "" }, notEmpty(name)] as const,
      [{ [name]: 5 }, notEmpty(name)] as const,
      [{ [name]: undefined }, notEmpty(name)] as const,
    ]),
    ...["owner", "name", "baseBranch", "cloneUrl"].map(
      (name) => [{ repo: { [name]: "" } }, notEmpty(`repo.${name}`)] as const,
    ),
  ]),
  refusals("body-mode", "a mode that is none is refused", [
    [{ mode: "review" }, "Invalid job: 'mode' must be 'explore', 'coding' or 'preview'"],
    [{ mode: undefined }, "Invalid job: 'mode' must be 'explore', 'coding' or 'preview'"],
  ]),
  refusals("body-credentials", "each agent's credentials are asked for", [
    [{ proxyBaseUrl: "" }, notEmpty("proxyBaseUrl")],
    [{ sessionToken: undefined }, notEmpty("sessionToken")],
    [{ harness: "claude-code" }, notEmpty("subscriptionToken")],
    [{ harness: "codex", ambientAuth: "yes" }, notEmpty("subscriptionToken")],
  ]),
  refusals("body-pull-request", "a pull request without a title is refused", [
    [coding({ pr: {} }), notEmpty("pr.title")],
    [coding({ pr: { title: "" } }), notEmpty("pr.title")],
  ]),
  refusals(
    "body-bootstrap",
    "a bootstrap without its target is refused",
    ["owner", "name", "cloneUrl", "defaultBranch"].map((name) => [
      coding({ bootstrap: { target: { ...target, [name]: "" } } }),
      notEmpty(`bootstrap.target.${name}`),
    ]),
  ),
  refusals("body-provider", "a provider other than the two is refused", [
    [{ repo: { provider: "gitea" } }, "Invalid job: 'repo.provider' must be 'github' or 'gitlab'"],
  ]),
  refusals("body-service-directory", "a service directory outside of the repository is refused", [
    [
      { repo: { serviceDirectory: "packages/../../x" } },
      "Invalid job: 'repo.serviceDirectory' must be a path inside the repo",
    ],
  ]),
  refusals("body-addresses", "git's token goes to listed hosts only", [
    [
      { repo: { cloneUrl: "git@github.com:kit/app.git" } },
      "Invalid job: 'repo.cloneUrl' must be a valid URL",
    ],
    [
      { repo: { cloneUrl: "ftp://github.com/kit/app.git" } },
      "Invalid job: 'repo.cloneUrl' must be an https or file URL",
    ],
    [
      { repo: { cloneUrl: "https://elsewhere.example/kit/app.git" } },
      "Invalid job: 'repo.cloneUrl' host 'elsewhere.example' is not an allowed GitHub host",
    ],
    [
      { githubApiBase: "https://elsewhere.example" },
      "Invalid job: 'githubApiBase' host 'elsewhere.example' is not an allowed GitHub host",
    ],
    [
      coding({ bootstrap: { target: { ...target, cloneUrl: "https://elsewhere.example/a.git" } } }),
      "Invalid job: 'bootstrap.target.cloneUrl' host 'elsewhere.example' is not an allowed GitHub host",
    ],
  ]),
  refusals("body-order", "of several faults the first in the contract's order is told", [
    [
      { mode: "review", jobId: "", branch: "" },
      "Invalid job: 'mode' must be 'explore', 'coding' or 'preview'",
    ],
    [coding({ pr: {}, jobId: "" }), notEmpty("pr.title")],
    [{ systemPrompt: "", userPrompt: "", ghToken: "" }, notEmpty("systemPrompt")],
    [{ model: "", sessionToken: "" }, notEmpty("model")],
    [{ sessionToken: "", ghToken: "" }, notEmpty("sessionToken")],
    [{ ghToken: "", repo: { owner: "" } }, notEmpty("ghToken")],
    [
      { branch: "", repo: { provider: "gitea" } },
      "Invalid job: 'repo.provider' must be 'github' or 'gitlab'",
    ],
    [{ branch: "", githubApiBase: "https://elsewhere.example" }, notEmpty("branch")],
  ]),
  {
    id: "body-drops",
    title: "a malformed optional field is as good as absent, an unknown one unheard",
    check: async (kit) => {
      const { view, job } = await kit.run({
        mode: "explore",
        behaviour: done,
        fields: {
          full: "yes",
          persistentCheckout: 1,
          output: "structured",
          infra: { environment: "moon" },
          contextFiles: "none",
          webSearch: "true",
          guardLimits: { maxToolCallsWithoutEdit: -1, maxConsecutiveErrors: "12" },
          artifactUpload: { url: "https://elsewhere.example", token: "x" },
          pr: "please",
          bootstrap: true,
          somethingElse: { deep: [1] },
        },
        repo: { serviceDirectory: 5, provider: null },
      });
      demandSuccess(view);
      demandSame("summary", view.result?.summary, "done");
      demandSame("starts of the agent", await job.place.read("starts"), "started\n");
    },
  },
  refusals(
    "body-branch-names",
    "what git would take for an option is no branch",
    [[{ branch: "--upload-pack=true" }, "Invalid job: 'branch' must be a valid git branch name"]],
    [49],
  ),
  {
    id: "body-file-address",
    title: "a repository is not read from the machine's own files",
    defects: [47],
    check: async (kit) => {
      const job = await kit.plan({
        mode: "explore",
        behaviour: done,
        repo: { cloneUrl: `file://${kit.repositories.server.repositoryPath("kit", "app")}` },
      });
      const { status, text } = await job.post();
      if (status === 202) await job.ended();
      demand(status === 400, "400 for a file: address", `${status} ${text}`);
    },
  },
]);
