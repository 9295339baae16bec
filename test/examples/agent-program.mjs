// Stands where an agent's program stands on PATH: keeps what it was given, does what its plan says, and answers in the
// event schema of the program it stands for. Started as `agent-program.mjs <name> <folder> <arguments …>`.
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

const [name, folder, ...args] = process.argv.slice(2);
const stdin = readFileSync(0, "utf8");
const plan = JSON.parse(readFileSync(join(folder, "plan.json"), "utf8"));
const home = process.env.HOME;

const given = {
  name,
  args,
  stdin,
  cwd: process.cwd(),
  home,
  homeFiles: textsIn(home),
  contextFiles: textsIn(join(process.cwd(), ".cat-context")),
  variables: Object.keys(process.env).toSorted(),
};
const { status, stdout, stderr } = spawnSync("/bin/sh", ["-e", "-c", plan.act], { encoding: "utf8" });
writeFileSync(join(folder, "record.json"), JSON.stringify({ ...given, output: stdout }));
if (status !== 0) {
  process.stderr.write(stderr);
  process.exit(status ?? 1);
}

const say = (record) => process.stdout.write(`${JSON.stringify(record)}\n`);
const calls = Array.from({ length: plan.toolCalls }, (_, index) => `call_${index + 1}`);
const schemas = { pi: answerAsPi, claude: answerAsClaude, codex: answerAsCodex };
schemas[name]();

function answerAsPi() {
  say({ type: "session", version: 3, id: "s1", cwd: process.cwd() });
  say({ type: "agent_start" });
  for (const id of calls) {
    const content = [{ type: "toolCall", id, name: "bash", arguments: { command: "true" } }];
    say({ type: "message_end", message: { role: "assistant", content, stopReason: "toolUse" } });
    say({ type: "tool_execution_start", toolCallId: id, toolName: "bash", args: { command: "true" } });
    say({
      type: "tool_execution_end",
      toolCallId: id,
      toolName: "bash",
      result: { content: [] },
      isError: false,
    });
  }
  const content = [{ type: "text", text: plan.reply }];
  say({ type: "message_end", message: { role: "assistant", content, stopReason: "stop" } });
  say({ type: "agent_end", messages: [], willRetry: false });
  say({ type: "agent_settled" });
}

function answerAsClaude() {
  const answer = (id, content, more) =>
    say({
      type: "assistant",
      message: { id, role: "assistant", content, ...more },
      parent_tool_use_id: null,
    });
  say({ type: "system", subtype: "init", cwd: process.cwd() });
  for (const id of calls) {
    answer(`msg_${id}`, [{ type: "tool_use", id, name: "Bash", input: { command: "true" } }], {});
    say({ type: "user", message: { content: [{ type: "tool_result", tool_use_id: id, content: "" }] } });
  }
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = plan.usage;
  const usage = {
    input_tokens: inputTokens - cacheReadTokens - cacheWriteTokens,
    cache_read_input_tokens: cacheReadTokens,
    cache_creation_input_tokens: cacheWriteTokens,
    output_tokens: outputTokens,
  };
  answer("msg_last", [{ type: "text", text: plan.reply }], { stop_reason: "end_turn", usage });
  say({ type: "result", subtype: "success", is_error: false, result: plan.reply });
}

function answerAsCodex() {
  say({ type: "thread.started", thread_id: "t1" });
  say({ type: "turn.started" });
  for (const id of calls) {
    const item = { id, type: "command_execution", command: "/bin/sh -c true" };
    say({ type: "item.started", item: { ...item, status: "in_progress" } });
    say({ type: "item.completed", item: { ...item, exit_code: 0, status: "completed" } });
  }
  say({ type: "item.completed", item: { id: "last", type: "agent_message", text: plan.reply } });
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = plan.usage;
  const usage = {
    input_tokens: inputTokens,
    cached_input_tokens: cacheReadTokens,
    cache_write_input_tokens: cacheWriteTokens,
    output_tokens: outputTokens,
  };
  say({ type: "turn.completed", usage });
}

/** Text files below a folder by their path in it; empty where there is no folder. */
function textsIn(root) {
  let names;
  try {
    names = readdirSync(root, { recursive: true });
  } catch {
    return {};
  }
  const files = names.map((path) => join(root, path)).filter((path) => statSync(path).isFile());
  return Object.fromEntries(files.map((path) => [relative(root, path), readFileSync(path, "utf8")]));
}
