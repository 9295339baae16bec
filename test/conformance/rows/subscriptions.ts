/** Claude Code and Codex: command lines, standard input, what is read from their events. */

import { demand, demandMatch, demandSame } from "../demand.ts";
import { group } from "../row.ts";
import { behave, emit } from "../world/behaviour.ts";
import { claudeSays, codexSays } from "../world/events.ts";
import { demandSuccess } from "../world/job.ts";
import { type Kit, shared } from "../world/kit.ts";
import { field } from "./protocol.ts";

const role = "You are a role of the kit's.";
const task = "Look around.";
const fields = { systemPrompt: role, userPrompt: task };
const cached = { input_tokens: 100, cached_input_tokens: 80, output_tokens: 7 };

const claudeRan = shared((kit: Kit) =>
  kit.run({
    mode: "explore",
    agent: "claude-code",
    behaviour: behave(
      'for argument in "$@"; do if [ -f "$argument" ]; then cat "$argument" > "$KIT/role"; fi; done',
      'ls -l "$CLAUDE_CONFIG_DIR/.claude.json" > "$KIT/config"',
      emit(...claudeSays("Looked.")),
    ),
    fields,
  }),
);

const codexRan = shared((kit: Kit) =>
  kit.run({
    mode: "explore",
    agent: "codex",
    behaviour: behave('ls -l "$CODEX_HOME" > "$KIT/home"', emit(...codexSays("Looked.", cached))),
    fields,
  }),
);

export const subscriptionRows = group("subscriptions", [
  {
    id: "claude-code",
    title: "Claude Code's answer is the summary, its tokens are counted with the caches",
    check: async (kit) => {
      const { view } = await claudeRan(kit);
      demandSuccess(view);
      demandSame("summary", view.result?.summary, "Looked.");
      const usage = field(view.result, "usage");
      demandSame("usage", [field(usage, "inputTokens"), field(usage, "outputTokens")], [18, 7]);
    },
  },
  {
    id: "claude-code-command",
    title: "Claude Code is started to print its stream, asks nobody, gets its role and its task",
    check: async (kit) => {
      const { job } = await claudeRan(kit);
      const args = (await job.place.read("arguments")) ?? "";
      for (const part of ["-p", "--output-format\nstream-json", "--permission-mode\nbypassPermissions"])
        demand(`\n${args}`.includes(`\n${part}\n`), `the arguments ${part}`, args);
      const told = `${args}${(await job.place.read("role")) ?? ""}`;
      demand(told.includes(role), "the role in an argument, or in a file that one names", args);
      demandSame("standard input", await job.place.read("prompt"), task);
      demandMatch("its settings", await job.place.read("config"), /^-rw-------/);
    },
  },
  {
    id: "codex",
    title: "Codex's last message is the summary",
    check: async (kit) => {
      const { view } = await codexRan(kit);
      demandSuccess(view);
      demandSame("summary", view.result?.summary, "Looked.");
      demandSame("output tokens", field(field(view.result, "usage"), "outputTokens"), 7);
    },
  },
  {
    id: "codex-command",
    title: "Codex is started to print its events, asks nobody, gets role and task on its input",
    check: async (kit) => {
      const { job } = await codexRan(kit);
      const args = (await job.place.read("arguments")) ?? "";
      for (const part of ["exec", "--json", "--dangerously-bypass-approvals-and-sandbox"])
        demand(`\n${args}`.includes(`\n${part}\n`), `the argument ${part}`, args);
      const prompt = (await job.place.read("prompt")) ?? "";
      demand(prompt.startsWith(role), "the role first", prompt);
      demand(prompt.endsWith(`\n\n---\n\n${task}`), "the task behind a line", prompt);
      demandMatch("its login", await job.place.read("home"), /-rw-------[^\n]* auth\.json/);
    },
  },
  {
    id: "codex-counts",
    title: "Codex's calls are counted, and tokens from its cache once",
    defects: [15],
    check: async (kit) => {
      const { view } = await codexRan(kit);
      demandSame("tool calls", field(field(view.result, "stats"), "toolCalls"), 1);
      demandSame("input tokens", field(field(view.result, "usage"), "inputTokens"), 100);
    },
  },
  {
    id: "claude-code-error",
    title: "a run of Claude Code that calls itself an error is no success",
    defects: [15],
    check: async (kit) => {
      const { view } = await kit.run({
        mode: "explore",
        agent: "claude-code",
        behaviour: behave(emit(...claudeSays("API Error: the plan's limit is reached", { isError: true }))),
      });
      demandSame("state", view.state, "failed");
      demandMatch("error", view.error, /the plan's limit is reached/);
    },
  },
]);
