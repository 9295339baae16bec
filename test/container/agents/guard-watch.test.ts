import { test } from "vitest";
import { watchCalls } from "../../../container/agents/guard/guard-watch.ts";
import { toGuardRules } from "../../../container/agents/guard/progress-guard.ts";

const bounds = { maxToolCallsWithoutEdit: 2, maxConsecutiveErrors: 12, maxConsecutiveWebCalls: 25 };
const rules = toGuardRules(bounds, undefined, true);
const act = { callId: "c1", tool: "bash", ok: true };

test("a checkout that cannot be read convicts nobody", async ({ expect }) => {
  const asked = Promise.withResolvers<never>();
  const watch = watchCalls({ rules, hasEdits: () => asked.promise });
  watch.take(act);
  watch.take(act);
  asked.reject(new Error("EACCES"));
  await Promise.allSettled([asked.promise]);
  // what could not be known is not asked again
  for (let call = 0; call < 5; call += 1) watch.take(act);
  expect(watch.reason()).toBeNull();
  expect(watch.tripped.aborted).toBe(false);
});

test("a checkout without a change convicts, unless the agent has ended meanwhile", async ({ expect }) => {
  for (const hasEnded of [false, true]) {
    const watch = watchCalls({ rules, hasEdits: () => Promise.resolve(false) });
    watch.take(act);
    watch.take(act);
    if (hasEnded) watch.close();
    await new Promise(setImmediate);
    expect(watch.tripped.aborted).toBe(!hasEnded);
  }
});
