/** Recognises an agent that works and gets nowhere, by its finished tool calls alone. */

import type { GuardLimits } from "../../../shared/job-body/extras.ts";
import type { GuardBounds } from "../../config.ts";

export type GuardRules = GuardBounds & {
  /** False for an agent that is to look and tell, not to change anything. */
  readonly expectsEdits: boolean;
};

/** What the finished calls so far add up to. */
export type GuardState = {
  readonly errorsInARow: number;
  readonly webCallsInARow: number;
  readonly actions: number;
  readonly hasEdited: boolean;
};

/** `no-edits` is by tool names alone, and an agent may edit through its shell: it convicts only where nothing changed. */
export type GuardTrip = { readonly kind: "errors" | "web" | "no-edits"; readonly text: string };

export type ToolCall = { readonly tool: string; readonly ok: boolean };

/** What one agent is guarded by. */
export type ProgressGuard = {
  readonly rules: GuardRules;
  /** Whether the checkout has changed since the agent began, by whatever means. */
  readonly hasEdits: () => Promise<boolean>;
};

export const freshGuard: GuardState = {
  errorsInARow: 0,
  webCallsInARow: 0,
  actions: 0,
  hasEdited: false,
};

/** A job's own limits loosen the harness's and never tighten them. */
export function toGuardRules(
  bounds: GuardBounds,
  own: GuardLimits | undefined,
  expectsEdits: boolean,
): GuardRules {
  const looser = (name: keyof GuardBounds): number => Math.max(bounds[name], own?.[name] ?? 0);
  return {
    maxToolCallsWithoutEdit: looser("maxToolCallsWithoutEdit"),
    maxConsecutiveErrors: looser("maxConsecutiveErrors"),
    maxConsecutiveWebCalls: looser("maxConsecutiveWebCalls"),
    expectsEdits,
  };
}

/** The state after one finished call, and the trip where this call is one too many. */
export function guardCall(
  state: GuardState,
  { tool, ok }: ToolCall,
  rules: GuardRules,
): { readonly state: GuardState; readonly trip: GuardTrip | null } {
  const kind = kindOf(tool);
  const isAction = kind === "edit" || kind === "action";
  const next: GuardState = {
    errorsInARow: ok ? 0 : state.errorsInARow + 1,
    webCallsInARow: kind === "web" ? state.webCallsInARow + 1 : 0,
    actions: state.actions + (isAction ? 1 : 0),
    hasEdited: state.hasEdited || (kind === "edit" && ok),
  };
  return { state: next, trip: tripOf(next, isAction, rules) };
}

function tripOf(state: GuardState, isAction: boolean, rules: GuardRules): GuardTrip | null {
  const { errorsInARow, webCallsInARow, actions, hasEdited } = state;
  if (errorsInARow >= rules.maxConsecutiveErrors) {
    const text = `no progress: ${errorsInARow} consecutive failing tool calls — the agent is stuck retrying a failing operation rather than making progress. Aborting.`;
    return { kind: "errors", text };
  }
  if (webCallsInARow >= rules.maxConsecutiveWebCalls) {
    const text = `no progress: ${webCallsInARow} consecutive web search/fetch calls without any other action — the agent is stuck researching rather than making progress. Aborting.`;
    return { kind: "web", text };
  }
  const isIdle = rules.expectsEdits && isAction && !hasEdited && actions >= rules.maxToolCallsWithoutEdit;
  if (!isIdle) return null;
  const text = `no progress: ${actions} tool calls and not one file edit — the agent is busy without changing anything rather than making progress. Aborting.`;
  return { kind: "no-edits", text };
}

type CallKind = "web" | "neutral" | "edit" | "action";

/** Names of Pi's, Claude Code's and Codex's tools, in lower case and without `_` and `-`. */
const kinds: Readonly<Record<Exclude<CallKind, "action">, ReadonlySet<string>>> = {
  web: words("websearch webfetch"),
  neutral: words(
    // planning, and work handed to an agent of the agent's own, whose calls are judged themselves
    "todo todowrite todoread todolist updateplan enterplanmode exitplanmode",
    "task agent spawnagent sendinput wait closeagent taskcreate taskupdate tasklist taskget taskoutput taskstop",
    // looking around
    "read grep search glob ls list find tree cat view head tail stat",
    "notebookread viewimage lsp toolsearch skill listmcpresources readmcpresource",
    // asking what is under way
    "bashoutput killshell askuserquestion",
  ),
  edit: words(
    "edit write applypatch patch strreplace multiedit create notebookedit filechange editfile writefile",
  ),
};

function words(...lists: readonly string[]): ReadonlySet<string> {
  return new Set(lists.flatMap((list) => list.split(" ")));
}

function kindOf(tool: string): CallKind {
  const name = tool.toLowerCase().replaceAll(/[_-]/g, "");
  if (kinds.web.has(name)) return "web";
  if (kinds.neutral.has(name)) return "neutral";
  return kinds.edit.has(name) ? "edit" : "action";
}
