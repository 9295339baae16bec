/** The seven causes of a failure and their texts; other rows leave `failureCause` alone. */

import { demand, demandMatch, demandSame } from "../demand.ts";
import { inactivityMs, maxDurationMs } from "../environment.ts";
import { group } from "../row.ts";
import { behave, commit, emit, hang, waitFor } from "../world/behaviour.ts";
import { piCall, piEnd, piMessage, piSays, piSession } from "../world/events.ts";
import type { View } from "../world/job.ts";
import { type Kit, shared } from "../world/kit.ts";

export const exitedBadly = shared((kit) =>
  kit.run({
    mode: "explore",
    behaviour: behave(emit(piSession, ...piCall("bash")), "echo 'boom' >&2", "exit 3"),
  }),
);

const noSuchBranch = shared((kit) => kit.run({ mode: "explore", behaviour: "", fields: { branch: "nope" } }));

/** Pushed, and then refused by the hosting service. */
export const requestRefused = shared(async (kit: Kit) => {
  const newBranch = kit.fresh("refused");
  const ended = await kit.run({
    mode: "coding",
    behaviour: behave(commit("new.txt", "new"), emit(...piSays("made it"))),
    fields: { newBranch, pr: { title: "T", body: "B" }, githubApiBase: kit.hosting.refusing.url },
  });
  return { ...ended, newBranch };
});

const noJson = shared((kit) =>
  kit.run({
    mode: "explore",
    behaviour: behave(emit(...piSays("I would rather not say."))),
    fields: { output: { kind: "structured", repair: false } },
  }),
);

export const noOp = shared(async (kit: Kit) => {
  const newBranch = kit.fresh("no-op");
  const ended = await kit.run({
    mode: "coding",
    behaviour: behave("echo scratch > scratch.txt", emit(...piSays("nothing to do"))),
    fields: { newBranch },
  });
  return { ...ended, newBranch };
});

/** After one tool call. */
const fellSilent = shared((kit) =>
  kit.run({ mode: "explore", behaviour: behave(emit(piSession, ...piCall("bash")), hang) }),
);

/** Busy to the end, so that nothing but the whole duration can end it. */
const tookTooLong = shared((kit) =>
  kit.run({
    mode: "explore",
    behaviour: behave('while [ ! -e "$KIT/over" ]; do', emit(...piCall("read")), "sleep 0.5", "done"),
  }),
);

const seconds = (ms: number): number => Math.round(ms / 1_000);

export const failureRows = group("failures", [
  {
    id: "cause-agent",
    title: "an agent that exits with a code fails with cause agent, its code and its last words",
    check: async (kit) => {
      const { view } = await exitedBadly(kit);
      demandFailed(view, "agent");
      demandMatch("error", view.error, /^pi exited with code 3: [^]*boom/);
    },
  },
  {
    id: "cause-git",
    title: "a git command that fails is told as 'Command failed: git …', cause git",
    check: async (kit) => {
      const { view } = await noSuchBranch(kit);
      demandFailed(view, "git");
      demandMatch("error", view.error, /^Command failed: git [^]*nope/);
    },
  },
  {
    id: "cause-api",
    title: "a pull request that is refused is told with its status, cause api",
    check: async (kit) => {
      const { view } = await requestRefused(kit);
      demandFailed(view, "api");
      demandMatch("error", view.error, /^Failed to open PR \(HTTP 403\): /);
    },
  },
  {
    id: "cause-no-usable-output",
    title: "a reply without the JSON asked for is done with an error, cause no-usable-output",
    check: async (kit) => {
      const { view } = await noJson(kit);
      demandDoneWith(view, "no-usable-output");
      demandMatch("result.error", view.result?.error, /^the agent produced no structured result\./);
    },
  },
  {
    id: "cause-no-changes",
    title: "coding without changes is done with an error, cause no-changes",
    check: async (kit) => {
      const { view } = await noOp(kit);
      demandDoneWith(view, "no-changes");
      demandMatch("result.error", view.result?.error, /^the agent produced no file changes/);
    },
  },
  {
    id: "cause-inactivity-timeout",
    waits: true,
    title: "a silent agent is ended: 'no agent activity', cause inactivity-timeout",
    check: async (kit) => {
      const { view } = await fellSilent(kit);
      demandFailed(view, "inactivity-timeout");
      demandMatch(
        "error",
        view.error,
        new RegExp(
          `^Aborted: no agent activity for ${seconds(inactivityMs)}s \\(likely hung in agent phase; last completed tool bash \\d+s ago\\)$`,
        ),
      );
    },
  },
  {
    id: "cause-max-duration",
    waits: true,
    title: "a job that lasts too long is ended: 'max duration', cause max-duration",
    check: async (kit) => {
      const { view } = await tookTooLong(kit);
      demandFailed(view, "max-duration");
      demandSame("error", view.error, `Aborted: exceeded max duration of ${seconds(maxDurationMs)}s`);
    },
  },
  {
    id: "failed-or-done",
    title: "what is thrown is failed without success in it; what the work lacks is done with result.error",
    check: async (kit) => {
      for (const { view } of [await exitedBadly(kit), await noSuchBranch(kit)]) {
        demandSame("state", [view.state, view.phase], ["failed", "failed"]);
        demandMatch("error", view.error, /./);
      }
      for (const { view } of [await noJson(kit), await noOp(kit)]) {
        demandSame("state", [view.state, view.phase], ["done", "done"]);
        demandMatch("result.error", view.result?.error, /./);
        demand(view.error === undefined, "no 'error' beside a result", view.error);
      }
    },
  },
  {
    id: "failure-detail",
    waits: true,
    title: "a failure's detail has the phases with their seconds and the last tool",
    check: async (kit) => {
      const { view: agent } = await exitedBadly(kit);
      const timed = /^Phase timings: starting=\d+s, clone=\d+s/;
      demandMatch("detail", agent.detail, timed);
      demandMatch("detail", agent.detail, /Failed in agent phase; last completed tool bash \d+s ago\./);
      const { view: git } = await noSuchBranch(kit);
      demandMatch("detail", git.detail, timed);
      demandMatch("detail", git.detail, /Failed in clone phase; no tool had completed yet\./);
      const { view: silent } = await fellSilent(kit);
      demandMatch("detail", silent.detail, /agent=\d+s\. last completed tool bash \d+s ago\./);
    },
  },
  {
    id: "model-gave-up",
    title: "a model that retries did not bring back fails the job in its words",
    check: async (kit) => {
      const records = [
        piSession,
        { type: "auto_retry_end", success: false, attempt: 3, finalError: "529 overloaded for good" },
        ...piEnd(piMessage("", { stopReason: "error", errorMessage: "529 overloaded for good" })),
      ];
      const { view } = await kit.run({ mode: "explore", behaviour: behave(emit(...records)) });
      demandSame("state", view.state, "failed");
      demandMatch("error", view.error, /^529 overloaded for good/);
    },
  },
  {
    id: "guard-errors",
    title: "twelve failing calls in a row end an agent that gets nowhere",
    check: async (kit) => {
      const calls = Array.from({ length: 12 }, (_, index) =>
        piCall("bash", { callId: `call_${index}`, isError: true }),
      ).flat();
      const behaviour = behave(emit(piSession, ...calls), waitFor("over"));
      const { view, spans } = await kit.run({ mode: "explore", behaviour });
      demandSame("state", view.state, "failed");
      demandMatch("error", view.error, /^no progress: 12 consecutive failing tool calls — /);
      demand(spans.length >= 12, "twelve spans", spans.length);
    },
  },
  {
    id: "model-error-unsaid",
    title: "a model's error is a failure, also where the agent exits with 0 all the same",
    defects: [1],
    check: async (kit) => {
      const message = piMessage("", { stopReason: "error", errorMessage: "402 the budget is spent" });
      const { view } = await kit.run({
        mode: "explore",
        behaviour: behave(emit(piSession, ...piEnd(message))),
      });
      demandSame("state", view.state, "failed");
      demandMatch("error", view.error, /402 the budget is spent/);
    },
  },
  {
    id: "request-refused-keeps-work",
    title: "a refused pull request keeps what was pushed in the view",
    defects: [17],
    check: async (kit) => {
      const { view, newBranch } = await requestRefused(kit);
      const { pushed, branch, summary } = { pushed: null, branch: null, ...view.result };
      demandSame("result", [pushed, branch, summary], [true, newBranch, "made it"]);
    },
  },
]);

function demandFailed(view: View, cause: string): void {
  demandSame("state and cause", [view.state, view.failureCause], ["failed", cause]);
}

function demandDoneWith(view: View, cause: string): void {
  const { result } = view;
  demandSame("state", view.state, "done");
  const inResult: unknown = result?.["failureCause"];
  demandSame("failureCause of view and result", [view.failureCause, inResult], [cause, cause]);
}
