import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** A test that a mutant must turn red: a file, and a part of the test's full title. */
export type Killer = { readonly file: string; readonly title: string };

export type Mutant = {
  readonly name: string;
  readonly path: string;
  /** The rule it breaks, for people. */
  readonly why: string;
  readonly killers: readonly Killer[];
  /** The files it changes, by their path from the root. */
  readonly files: readonly string[];
};

/** Reads every patch of a folder, by name. Throws where one lacks its header: a mutant that names no test proves nothing. */
export function readMutants(folder: string): readonly Mutant[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".patch"))
    .toSorted()
    .map((file) => parseMutant(join(folder, file), readFileSync(join(folder, file), "utf8")));
}

function parseMutant(path: string, text: string): Mutant {
  const name = basename(path, ".patch");
  const why = /^# (?!kills:)(.+)$/m.exec(text)?.[1];
  const killers = [...text.matchAll(/^# kills: (\S+?)::(.+)$/gm)].map(([, file = "", title = ""]) => ({
    file,
    title,
  }));
  const files = [...text.matchAll(/^\+\+\+ b\/(\S+)$/gm)].map(([, file = ""]) => file);
  if (why === undefined || killers.length === 0 || files.length === 0) {
    throw new Error(
      `${name}: a patch says what it breaks, '# kills: <test file>::<part of the title>', and how`,
    );
  }
  return { name, path, why, killers, files };
}
