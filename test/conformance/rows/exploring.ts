/** Explore jobs: prose, JSON and its repair, what the agent is given, and that nothing of it stays. */

import { demand, demandMatch, demandSame } from "../demand.ts";
import { group } from "../row.ts";
import { behave, commit, emit, reach, waitFor } from "../world/behaviour.ts";
import { piCall, piEnd, piMessage, piSays, piSession } from "../world/events.ts";
import { demandSuccess } from "../world/job.ts";
import { type Kit, shared } from "../world/kit.ts";
import { field } from "./protocol.ts";

const structured = { output: { kind: "structured" } };
const task = "Explain 'this'.\n\n\tMind \"quotes\", $HOME, `ticks` and ünïcode.\n";

const report = shared(async (kit: Kit) => {
  const branch = kit.fresh("explored");
  await kit.repositories.branch({ name: branch, from: "main", files: { "packages/api/here.txt": "here" } });
  const tasks = [
    { subject: "a", status: "completed" },
    { subject: "b", status: "in_progress" },
    { title: "c", status: "pending" },
  ];
  const behaviour = behave(
    'cp .cat-context/* "$KIT/" 2> /dev/null; git rev-parse HEAD > "$KIT/head"',
    commit("left-behind.txt", "nobody wants this"),
    emit(piSession, ...piCall("read"), ...piCall("todo", { callId: "call_1", details: { tasks } })),
    emit(...piEnd(piMessage("", { calls: ["read", "todo"] }), piMessage("  The report.\n"))),
  );
  const ended = await kit.run({
    mode: "explore",
    behaviour,
    fields: {
      branch,
      userPrompt: task,
      contextFiles: [{ path: "a/../notes b.md", content: "linked\n", title: "Notes" }],
    },
    repo: { serviceDirectory: "/packages/./api/" },
  });
  return { ...ended, branch };
});

export const exploreRows = group("explore", [
  {
    id: "explore-prose",
    title: "the model's last answer is the summary, with its calls and characters counted",
    check: async (kit) => {
      const { view } = await report(kit);
      demandSuccess(view);
      demandSame("summary", view.result?.summary, "The report.");
      demandSame("stats", field(view.result, "stats"), { toolCalls: 2, assistantChars: 11 });
    },
  },
  {
    id: "explore-progress",
    title: "the agent's list of steps is the view's progress, to the end",
    check: async (kit) => {
      const { view } = await report(kit);
      demandSame("progress", view.progress, {
        completed: 1,
        inProgress: 1,
        total: 3,
        items: [
          { label: "a", status: "completed" },
          { label: "b", status: "in_progress" },
          { label: "c", status: "pending" },
        ],
      });
    },
  },
  {
    id: "explore-prompt",
    title: "the task reaches the agent's standard input as it is, the role beside it",
    check: async (kit) => {
      const { job } = await report(kit);
      demandSame("standard input", await job.place.read("prompt"), task);
    },
  },
  {
    id: "explore-workplace",
    title: "the agent works in the service's folder of the branch, with the linked files beside it",
    check: async (kit) => {
      const { job, branch } = await report(kit);
      const cwd = (await job.place.read("cwd"))?.trim() ?? "";
      demandMatch("working directory", cwd, /\/packages\/api$/);
      demandSame("commit", (await job.place.read("head"))?.trim(), await kit.repositories.head(branch));
      demandSame("linked file", await job.place.read("notesb.md"), "linked\n");
    },
  },
  {
    id: "explore-leaves-nothing",
    title: "nothing that an explore job's agent commits reaches the repository",
    check: async (kit) => {
      const { branch } = await report(kit);
      const file = await kit.repositories.file(branch, "packages/api/left-behind.txt");
      demandSame("the agent's file on the branch", file, undefined);
    },
  },
  {
    id: "explore-structured",
    title: "a JSON reply, fenced or not, is result.custom",
    check: async (kit) => {
      const reply = '```json\n{"score": 3, "why": ["a", "b"]}\n```';
      const behaviour = behave(emit(...piSays(reply)));
      const { view } = await kit.run({ mode: "explore", behaviour, fields: structured });
      demandSame("error", view.result?.error, undefined);
      demandSame("custom", field(view.result, "custom"), { score: 3, why: ["a", "b"] });
    },
  },
  {
    id: "explore-repair",
    title: "a reply that is no JSON is put right by one call of the job's model",
    check: async (kit) => {
      const behaviour = behave(emit(...piSays('{"score": 3,')));
      const job = await kit.plan({ mode: "explore", behaviour, fields: structured });
      kit.model.answer(job.model, '{"score": 4}');
      await job.post();
      const { view } = await job.ended();
      demandSame("custom", field(view.result, "custom"), { score: 4 });
      demandSame("calls of the model", kit.model.asked(job.model), 1);
    },
  },
  {
    id: "explore-no-report",
    title: "an agent without words has produced no report, whatever events it printed",
    defects: [2],
    check: async (kit) => {
      const behaviour = behave(emit(piSession, ...piEnd(piMessage(""))));
      const { view } = await kit.run({ mode: "explore", behaviour });
      demandMatch("result.error", view.result?.error, /^the agent produced no report/);
    },
  },
  {
    id: "explore-list",
    title: "a list is no structured result",
    defects: [12],
    check: async (kit) => {
      const behaviour = behave(emit(...piSays("[1, 2]")));
      const fields = { output: { kind: "structured", repair: false } };
      const { view } = await kit.run({ mode: "explore", behaviour, fields });
      demandMatch("result.error", view.result?.error, /^the agent produced no structured result\./);
    },
  },
  {
    id: "two-roles",
    title: "two jobs at once each read their own role",
    defects: [33],
    check: async (kit) => {
      const behaviour = behave(
        reach("begun"),
        waitFor("go"),
        'cat "${PI_CODING_AGENT_DIR:-$HOME/.pi/agent}/AGENTS.md" > "$KIT/role"',
        emit(...piSays("read")),
      );
      const roles = ["You are the first role.", "You are the second role."];
      const jobs = await Promise.all(
        roles.map((systemPrompt) => kit.start({ mode: "explore", behaviour, fields: { systemPrompt } })),
      );
      await Promise.all(jobs.map(({ place }) => place.wait("begun")));
      await Promise.all(jobs.map(({ place }) => place.signal("go")));
      await Promise.all(jobs.map((job) => job.ended()));
      for (const [index, role] of roles.entries()) {
        const read = (await jobs[index]?.place.read("role")) ?? "";
        demand(read.includes(role), `the role '${role}'`, read.slice(0, 80));
      }
    },
  },
  {
    id: "split-character",
    title: "a character that two chunks of output share stays whole",
    defects: [35],
    check: async (kit) => {
      const behaviour = behave(
        emit(piSession),
        splitEuro(JSON.stringify({ type: "message_end", message: piMessage("5 € each") })),
        splitEuro(JSON.stringify({ type: "agent_end", messages: [piMessage("5 € each")], willRetry: false })),
        emit({ type: "agent_settled" }),
      );
      const { view } = await kit.run({ mode: "explore", behaviour });
      demandSame("summary", view.result?.summary, "5 € each");
    },
  },
]);

/** Prints a line whose one euro sign comes in two writes. */
function splitEuro(line: string): string {
  const [before = "", after = ""] = line.split("€");
  const octal = String.raw`\342' ; sleep 0.3; printf '\202\254`;
  return `printf '%s' '${before}'; printf '${octal}'; printf '%s\\n' '${after}'`;
}
