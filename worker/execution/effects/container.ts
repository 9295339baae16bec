import type { Effect } from "../effect.ts";
import { proofOfDeath, unseen } from "../lifecycle/proof-of-death.ts";
import { KEEP_ALIVE_MS } from "../lifeline.ts";
import type { Instance } from "../state.ts";
import { type EffectDeps, instanceOf, textOf } from "./deps.ts";

const PROBE_PAUSE_MS = 300;

export async function start(id: string, deps: EffectDeps): Promise<void> {
  const wanted = (): boolean => {
    const instance = instanceOf(deps, id);
    return instance?.phase === "written" && instance.intent === null;
  };
  if (!wanted()) return;
  if (deps.container.running()) await deps.container.destroy("a container of before");
  await deps.lifeline.route(id);
  const instance = instanceOf(deps, id);
  if (instance === null || !wanted()) return;
  // The check above, start() and the record of it stand in one turn: a cancel cannot come between.
  try {
    deps.container.start({
      image: instance.image,
      size: instance.size,
      env: { ...deps.containerEnv, HARNESS_INSTANCE: id },
    });
  } catch (error) {
    deps.apply({ kind: "start-failed", instance: id, cause: "other", message: textOf(error) });
    return;
  }
  deps.apply({ kind: "started", instance: id });
  deps.lifeline.watch(id);
  await deps.container.keepAlive(KEEP_ALIVE_MS);
}

/** Asks until the harness answers or the state no longer waits for it: the `starting` deadline ends this. */
export async function probe(id: string, deps: EffectDeps): Promise<void> {
  let told = "";
  const waiting = (): boolean => {
    const instance = instanceOf(deps, id);
    return instance?.phase === "started" && instance.intent === null && instance.exit === null;
  };
  while (waiting()) {
    const health = await deps.harness.health();
    if (!waiting()) return;
    if (health.kind === "answered") {
      const foreign = health.instance !== null && health.instance !== id;
      deps.apply(
        foreign
          ? { kind: "foreign", instance: id, seen: health.instance }
          : { kind: "ready", instance: id, boot: health.boot },
      );
      return;
    }
    if (health.text !== told) {
      told = health.text;
      deps.apply({ kind: "probe-noted", instance: id, text: told });
    }
    await deps.timer.sleep(PROBE_PAUSE_MS);
  }
}

/** Silence is judged elsewhere; this looks only for a container that is not ours. */
export async function verify(id: string, deps: EffectDeps): Promise<void> {
  const health = await deps.harness.health();
  if (health.kind === "answered" && health.instance !== null && health.instance !== id) {
    deps.apply({ kind: "foreign", instance: id, seen: health.instance });
  }
}

/** The look at each tick: renewed if it lives, and a death that no monitor told of is found. */
export async function keepAlive(id: string, deps: EffectDeps): Promise<void> {
  if (deps.container.running()) {
    await deps.lifeline.renew(id);
    return;
  }
  const instance = instanceOf(deps, id);
  if (instance === null || instance.phase === "written" || instance.exit !== null) return;
  const proof = await lookFor(instance, deps);
  if (proof !== null) deps.apply({ kind: "dead", instance: id, proof });
  else await deps.lifeline.reset("a container that should live is out of sight");
}

export async function signal(effect: Extract<Effect, { kind: "signal" }>, deps: EffectDeps): Promise<void> {
  const { instance, signo } = effect;
  if (instanceOf(deps, instance) === null) return;
  try {
    deps.container.signal(signo);
    deps.apply({ kind: "signalled", instance, signo, ok: true, text: `signal ${signo} was sent` });
  } catch (error) {
    deps.apply({ kind: "signalled", instance, signo, ok: false, text: textOf(error) });
  }
}

/** Ends with a proof of death, or says that there is none. */
export async function destroy(id: string, reason: string, deps: EffectDeps): Promise<void> {
  const instance = instanceOf(deps, id);
  if (instance === null) return;
  if (deps.container.running()) {
    try {
      await deps.container.destroy(reason);
    } catch (error) {
      deps.apply({ kind: "destroy-unproved", instance: id, text: textOf(error) });
      return;
    }
    const proof = proofOfDeath({ ...unseen(instance), destroyed: true });
    if (proof !== null) deps.apply({ kind: "dead", instance: id, proof });
    return;
  }
  const proof = await lookFor(instance, deps);
  if (proof !== null) {
    deps.apply({ kind: "dead", instance: id, proof });
    return;
  }
  const text = "the object lost sight of the container; it begins anew to ask";
  deps.apply({ kind: "destroy-unproved", instance: id, text });
  await deps.lifeline.reset("the container is to be destroyed and this incarnation cannot see it");
}

/** Of a container that does not run as far as one can see; the platform is asked only where nothing else proves its death. */
async function lookFor(instance: Instance, { container, lifeline }: EffectDeps): Promise<string | null> {
  const seen = { ...unseen(instance), running: container.running(), begunAnew: lifeline.beganWithout };
  return proofOfDeath(seen) ?? proofOfDeath({ ...seen, known: await container.inspect() });
}

/** What runs although nothing should. */
export async function destroyStray({ state, container }: EffectDeps): Promise<void> {
  if (state()?.instance == null && container.running()) await container.destroy("no job needs it");
}
