import type { Engine } from "../../../local/engine/engine.ts";

/** When a container's process lived; `until` is Infinity while it does. */
export type Life = { readonly instance: string; readonly from: number; readonly until: number };

/** Follows what the engine starts and ends, from now until the engine closes. */
export function recordLives(engine: Engine): () => readonly Life[] {
  const lives = new Map<string, Life>();
  const look = (): void => {
    const now = performance.now();
    for (const { id, env, state } of engine.containers()) {
      const known = lives.get(id);
      if (state === "running" && known === undefined) {
        lives.set(id, { instance: env["HARNESS_INSTANCE"] ?? "", from: now, until: Infinity });
      } else if (state !== "running" && known?.until === Infinity) lives.set(id, { ...known, until: now });
    }
  };
  engine.onChange(look);
  return () => [...lives.values()];
}

/** The most lives at one moment. */
export function mostAtOnce(lives: readonly Life[]): number {
  return Math.max(
    0,
    ...lives.map(({ from }) => lives.filter((other) => other.from <= from && from < other.until).length),
  );
}
