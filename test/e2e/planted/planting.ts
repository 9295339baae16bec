import type { JobBody, World } from "../world.ts";
import type { Ears } from "./ears.ts";
import { formsOf, inEveryForm } from "./forms.ts";
import { decoyOf } from "./values.ts";

/** A job that carries its secrets and a decoy, in every form, to places of one kind. */
export type Planting = {
  /** Names the job and its decoy. */
  readonly place: string;
  readonly ends: "done" | "failed";
  /** What an error of it says; null where there is none. */
  readonly error: string | null;
  /** @param name of the job and of the script of its model */
  readonly job: (world: World, name: string, ears: Ears) => JobBody;
  /** What of the world is to be so while the job is at work; undone by what it returns. */
  readonly order?: (world: World) => () => void;
  /** What was to be there as it was dispatched; absent where the job's own end tells it. */
  readonly there?: (world: World, name: string, ears: Ears) => readonly Witnessed[];
};

/** Texts, and where they have to be. */
export type Witnessed = { readonly where: string; readonly texts: readonly string[]; readonly held: string };

/** What a job that pushes no work branch of its own does not say. */
export const withoutPush = { newBranch: undefined, pushBranch: undefined, pr: undefined };

/** The decoy first: what is cut is cut at its end. */
export function everythingAt(place: string, ...secrets: readonly string[]): string {
  return [decoyOf(place), ...secrets].map(inEveryForm).join(" ");
}

/** For a text that stands in JSON once more: without what three escapes in a row make of a value. */
export function thatJsonKeeps(place: string, ...secrets: readonly string[]): string {
  const forms = [decoyOf(place), ...secrets].flatMap(formsOf);
  return forms.flatMap(({ name, text }) => (/JSON string of|XML/.test(name) ? [] : [text])).join(" ");
}
