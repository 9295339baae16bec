import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** A test that a mutant must turn red: a file, and a part of the test's full title. */
export type Killer = { readonly file: string; readonly title: string };

/** A change that breaks one rule. */
export type Patch = {
  readonly name: string;
  readonly path: string;
  /** The rule it breaks, for people. */
  readonly why: string;
  /** The files it changes, by their path from the root. */
  readonly files: readonly string[];
};

export type Mutant = Patch & { readonly killers: readonly Killer[] };

/** Reads every patch of a folder, by name. Throws where one does not say what it breaks. */
export function readPatches(folder: string): readonly Patch[] {
  return textsIn(folder).map(({ path, text }) => parsePatch(path, text));
}

/** The same, with the tests each must turn red. Throws where one names none: such a mutant proves nothing. */
export function readMutants(folder: string): readonly Mutant[] {
  return textsIn(folder).map(({ path, text }) => parseMutant(path, text));
}

function textsIn(folder: string): readonly { readonly path: string; readonly text: string }[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".patch"))
    .toSorted()
    .map((file) => ({ path: join(folder, file), text: readFileSync(join(folder, file), "utf8") }));
}

function parsePatch(path: string, text: string): Patch {
  const name = basename(path, ".patch");
  const why = /^# (?!kills:)(.+)$/m.exec(text)?.[1];
  const files = [...text.matchAll(/^\+\+\+ b\/(\S+)$/gm)].map(([, file = ""]) => file);
  if (why === undefined || files.length === 0)
    throw new Error(`${name}: a patch says what it breaks, and how`);
  return { name, path, why, files };
}

function parseMutant(path: string, text: string): Mutant {
  const patch = parsePatch(path, text);
  const killers = [...text.matchAll(/^# kills: (\S+?)::(.+)$/gm)].map(([, file = "", title = ""]) => ({
    file,
    title,
  }));
  if (killers.length === 0)
    throw new Error(`${patch.name}: '# kills: <test file>::<part of the title>' is missing`);
  return { ...patch, killers };
}
