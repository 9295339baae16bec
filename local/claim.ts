/** One start at a time on a state folder: the mark by which a second start finds the first. */
import { linkSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { parseJson } from "./json.ts";
import { writePrivately } from "./state.ts";

const Holder = z.object({
  pid: z.int().min(1),
  /** Tells the process from a later one of the same id; null where the system does not say. */
  born: z.string().nullable(),
  /** Null until the Worker answers. */
  url: z.string().nullable(),
});
type Holder = z.infer<typeof Holder>;

export type Claim =
  | { readonly kind: "taken"; readonly pid: number; readonly url: string | null }
  | {
      readonly kind: "held";
      /** Says where the Worker answers. */
      readonly announce: (url: string) => void;
      readonly release: () => void;
    };

/** Takes the folder, or says who has it. The mark of a process that ended is none. */
export function claimState(dir: string): Claim {
  const path = join(dir, "running.json");
  const own: Holder = { pid: process.pid, born: bornOf(process.pid), url: null };
  const draft = `${path}.own.${process.pid}`;
  writePrivately(draft, JSON.stringify(own));
  try {
    for (;;) {
      if (link(draft, path)) break;
      const holder = readHolder(path);
      if (holder !== null && isAlive(holder)) return { kind: "taken", pid: holder.pid, url: holder.url };
      putAside(path);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    kind: "held",
    announce: (url) => writePrivately(path, JSON.stringify({ ...own, url })),
    release: () => rmSync(path, { force: true }),
  };
}

/** Only one of several that link wins. */
function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Removes a dead mark. Another start may have done so and left its own meanwhile: that one goes back. */
function putAside(path: string): void {
  const aside = `${path}.old.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return; // ENOENT: another start put it aside
  }
  const moved = readHolder(aside);
  if (moved !== null && isAlive(moved)) link(aside, path);
  rmSync(aside, { force: true });
}

function readHolder(path: string): Holder | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return null; // ENOENT: it was released meanwhile
  }
  return Holder.safeParse(parseJson(text)).data ?? null;
}

function isAlive({ pid, born }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false; // ESRCH: nobody there. EPERM: another user's, and the folder is readable by its owner only.
  }
  return born === null || born === bornOf(pid);
}

/** When a living process began, in ticks since the machine's boot; null where there is none, and without /proc. */
function bornOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // `pid (name) state …`: the name may hold anything; the 22nd field is the start.
    const [state = "", ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // Ended, and not collected by its parent yet.
    return "ZX".includes(state) ? null : (rest[18] ?? null);
  } catch {
    return null;
  }
}
