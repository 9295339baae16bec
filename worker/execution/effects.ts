import type { Effect } from "./effect.ts";
import { destroy, destroyStray, keepAlive, probe, signal, start, verify } from "./effects/container.ts";
import type { EffectDeps } from "./effects/deps.ts";
import { ask, post, tellStop } from "./effects/job.ts";
import { askSlot, giveSlot, renewSlot } from "./effects/slot.ts";

/** Carries one effect out. Idempotent: reads the state first and after every wait, and leaves what has moved on. */
export async function runEffect(effect: Effect, deps: EffectDeps): Promise<void> {
  switch (effect.kind) {
    case "start":
      return start(effect.instance, deps);
    case "probe":
      return probe(effect.instance, deps);
    case "verify":
      return verify(effect.instance, deps);
    case "post":
      return post(effect, deps);
    case "ask":
      return ask("answered", effect, deps);
    case "poll":
      return ask("polled", effect, deps);
    case "ask-slot":
      return askSlot(deps);
    case "renew-slot":
      return renewSlot(deps);
    case "give-slot":
      return giveSlot(deps);
    case "tell-stop":
      return tellStop(effect, deps);
    case "signal":
      return signal(effect, deps);
    case "destroy":
      return destroy(effect.instance, effect.reason, deps);
    case "keep-alive":
      return keepAlive(effect.instance, deps);
    case "destroy-stray":
      return destroyStray(deps);
    case "forget":
      return deps.forget();
  }
}
