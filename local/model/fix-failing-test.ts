/**
 * The script of the demo: red, read, edit, green, commit. Each step follows from the last tool result; whatever is not as
 * expected ends the turn with a text that says so, so that the demo fails where a real agent would have failed.
 */
import type { Fix } from "../sample/fix.ts";
import { sampleFix } from "../sample/fix.ts";
import type { Conversation, ToolResult } from "./conversation.ts";
import type { Reply, Script } from "./script.ts";
import { commandOf, runCommand, say } from "./script.ts";

/** Fixes the sample project of `local/sample`. */
export const fixFailingTest: Script = makeFixingScript(sampleFix);

export function makeFixingScript(fix: Fix): Script {
  return (conversation) => {
    const last = conversation.lastToolResult;
    if (last === undefined) return runCommand(fix.testCommand);
    switch (last.name) {
      case "read":
        return afterRead(fix, last);
      case "edit":
        return afterEdit(fix, last);
      case "bash":
        return commandOf(last.args) === fix.testCommand
          ? afterTests(fix, conversation, last)
          : afterCommit(fix, last);
      default:
        return say(`Stopped: a result of the tool "${last.name}", which was not called.`);
    }
  };
}

function afterTests(fix: Fix, conversation: Conversation, { text }: ToolResult): Reply {
  const passed = summaryCount(text, "pass");
  const failed = summaryCount(text, "fail");
  const isGreen = !hasFailed(text) && failed === 0 && passed > 0;
  const isRed = hasFailed(text) && failed > 0 && isListedRed(text, fix.failingTest);
  if (!conversation.toolResults.some(isEdited)) {
    if (isRed) return { kind: "tool", name: "read", args: { path: fix.file } };
    return say(
      `Stopped before any change: the test "${fix.failingTest}" was expected to be red first, and is not.`,
    );
  }
  if (!isGreen) {
    return say(
      `Stopped without a commit: ${String(failed)} tests are red after the edit, ${String(passed)} green.`,
    );
  }
  return runCommand(`git add -- ${fix.file} && git commit -m "${fix.commitMessage}"`);
}

function afterRead(fix: Fix, { text }: ToolResult): Reply {
  if (!text.includes(fix.oldText)) {
    return say(`Stopped before any change: ${fix.file} does not contain "${fix.oldText}".`);
  }
  const edits = [{ oldText: fix.oldText, newText: fix.newText }];
  return { kind: "tool", name: "edit", args: { path: fix.file, edits } };
}

function afterEdit(fix: Fix, result: ToolResult): Reply {
  if (!isEdited(result)) return say(`Stopped: the edit of ${fix.file} did not go through: ${result.text}`);
  return runCommand(fix.testCommand);
}

function afterCommit(fix: Fix, { text }: ToolResult): Reply {
  // `[branch 1a2b3c4] subject`, in every language of git.
  const commit = /^\[.+ ([0-9a-f]{7,})\] /m.exec(text)?.[1];
  if (commit === undefined || hasFailed(text)) return say(`Stopped: the commit did not go through: ${text}`);
  return say(
    `Fixed: "${fix.failingTest}" was red and is green, with one line of ${fix.file} changed, in commit ${commit}.`,
  );
}

/** Pi's edit tool says so when it has replaced something, and only then. */
function isEdited({ name, text }: ToolResult): boolean {
  return name === "edit" && text.startsWith("Successfully replaced");
}

/** The last line that Pi's bash tool adds to the output of a command that did not exit with 0. */
function hasFailed(text: string): boolean {
  return /^Command (?:exited with code|timed out|aborted)/m.test(text);
}

/** As both formats of `node --test` list a test that failed: `✖ name (1.2ms)`, `not ok 3 - name`. */
function isListedRed(text: string, test: string): boolean {
  return text
    .split("\n")
    .some(
      (line) => line.startsWith(`✖ ${test}`) || (/^not ok \d+ - /.test(line) && line.endsWith(` - ${test}`)),
    );
}

/** A count of the summary of `node --test`, in both of its formats (`# fail 1`, `ℹ fail 1`); 0 when there is none. */
function summaryCount(text: string, name: "pass" | "fail"): number {
  return Number(new RegExp(String.raw`^(?:#|ℹ) ${name} (\d+)$`, "m").exec(text)?.[1] ?? 0);
}
