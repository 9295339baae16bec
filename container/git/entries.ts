/** What trees and index files have at paths, and where two of them differ; listings of any length. */

import { isSuccess } from "../process/exit.ts";
import { type Step, done } from "../process/step.ts";
import { type GitCommand, gitFailure } from "./git.ts";
import { createNulRecords } from "./nul-records.ts";
import { type Outbox, inOutbox } from "./outbox.ts";

export type Entry = { readonly mode: string; readonly object: string };

export type Change = {
  /** `A`, `M`, `D`, `T`, or `U` for a path with a conflict. */
  readonly status: string;
  readonly path: string;
  /** Null where there is nothing, and in the files of the checkout, whose object no one has made. */
  readonly before: Entry | null;
  readonly after: Entry | null;
};

/** A commit of another repository, at the place where it is to be in a tree. */
export const gitlinkMode = "160000";

export function isSameEntry(one: Entry | null, other: Entry | null): boolean {
  return one?.mode === other?.mode && one?.object === other?.object;
}

/** The output of `diff-index`, `diff-files` or `diff-tree`, without looking for renames. */
export async function listChanges(
  outbox: Outbox,
  args: readonly [command: string, ...flags: string[]],
  command: GitCommand,
): Promise<Step<readonly Change[]>> {
  const [name, ...rest] = args;
  const changes: Change[] = [];
  let header: string | null = null;
  const end = await readRecords(outbox, [name, "--raw", "-z", "--no-renames", ...rest], command, (record) => {
    if (header === null) {
      header = record;
      return;
    }
    changes.push(parseChange(header, record));
    header = null;
  });
  return end.ok ? done(changes) : end;
}

/** Entries of an index file without conflicts, for the paths that are asked for. */
export async function readIndexEntries(
  outbox: Outbox,
  command: GitCommand,
  isWanted: (path: string) => boolean,
): Promise<Step<ReadonlyMap<string, Entry>>> {
  const entries = new Map<string, Entry>();
  const end = await readRecords(outbox, ["ls-files", "-z", "--stage"], command, (record) => {
    const { entry, path, stage } = parseStaged(record);
    if (stage === 0 && isWanted(path)) entries.set(path, entry);
  });
  return end.ok ? done(entries) : end;
}

/** Entries of a commit's tree, for the paths that are asked for. */
export async function readTreeEntries(
  outbox: Outbox,
  commit: string,
  isWanted: (path: string) => boolean,
): Promise<Step<ReadonlyMap<string, Entry>>> {
  const entries = new Map<string, Entry>();
  const end = await readRecords(outbox, ["ls-tree", "-r", "-z", commit], inOutbox(outbox), (record) => {
    const tab = record.indexOf("\t");
    const [mode = "", , object = ""] = record.slice(0, tab).split(" ");
    const path = record.slice(tab + 1);
    if (isWanted(path)) entries.set(path, { mode, object });
  });
  return end.ok ? done(entries) : end;
}

export type StagedEntry = { readonly path: string; readonly stage: number; readonly entry: Entry };

/** Every side of every conflict that an index file has. */
export async function readUnmergedEntries(
  outbox: Outbox,
  command: GitCommand,
): Promise<Step<readonly StagedEntry[]>> {
  const entries: StagedEntry[] = [];
  const args = ["ls-files", "-z", "--unmerged"];
  const end = await readRecords(outbox, args, command, (record) => entries.push(parseStaged(record)));
  return end.ok ? done(entries) : end;
}

async function readRecords(
  outbox: Outbox,
  args: readonly string[],
  command: GitCommand,
  onRecord: (record: string) => void,
): Promise<Step<null>> {
  const end = await outbox.git.try(args, { ...command, onStdout: createNulRecords(onRecord) });
  return isSuccess(end.exit) ? done(null) : gitFailure(args, end);
}

/** ":<mode before> <mode after> <object before> <object after> <status>" */
function parseChange(header: string, path: string): Change {
  const [modeBefore = "", modeAfter = "", before = "", after = "", status = ""] = header.slice(1).split(" ");
  return {
    status: status.slice(0, 1),
    path,
    before: toEntry(modeBefore, before),
    after: toEntry(modeAfter, after),
  };
}

function toEntry(mode: string, object: string): Entry | null {
  return /^0+$/.test(object) ? null : { mode, object };
}

/** "<mode> <object> <stage>\t<path>" */
function parseStaged(record: string): StagedEntry {
  const tab = record.indexOf("\t");
  const [mode = "", object = "", stage = ""] = record.slice(0, tab).split(" ");
  return { path: record.slice(tab + 1), stage: Number(stage), entry: { mode, object } };
}
