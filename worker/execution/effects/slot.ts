import { earliestAt } from "../deadlines.ts";
import { watchedUntil } from "../lifecycle/slot.ts";
import { type EffectDeps, textOf } from "./deps.ts";

export async function askSlot(deps: EffectDeps): Promise<void> {
  if (deps.state()?.slot.kind !== "waiting") return;
  try {
    deps.apply({ kind: "slot", answer: await deps.admission.request(nextDeadlineAt(deps)) });
  } catch (error) {
    deps.apply({ kind: "slot", answer: { kind: "unreachable", text: textOf(error) } });
  }
}

export async function renewSlot(deps: EffectDeps): Promise<void> {
  if (deps.state()?.slot.kind === "held") await deps.admission.renew(nextDeadlineAt(deps));
}

/** Not where the slot was asked for again meanwhile. */
export async function giveSlot(deps: EffectDeps): Promise<void> {
  const state = deps.state();
  if (state?.slot.kind === "none") await deps.admission.release(watchedUntil(state));
}

/** When this execution acts next, after which it counts as overdue. */
function nextDeadlineAt(deps: EffectDeps): number {
  const state = deps.state();
  return (state === null ? null : earliestAt(state)) ?? deps.now();
}
