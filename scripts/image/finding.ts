import type { Dockerfile } from "./dockerfile.ts";
import type { Surroundings } from "./surroundings.ts";

/** Something in a Dockerfile that must not be so. */
export type Finding = { readonly rule: string; readonly path: string; readonly text: string };

/** What one rule has against one Dockerfile. */
export type Rule = (file: Dockerfile, surroundings: Surroundings) => readonly string[];
