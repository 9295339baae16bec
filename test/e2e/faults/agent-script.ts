import type { GitServer } from "../../../local/git-server/git-server.ts";
import { commandOf, runCommand, runInTurn, say, type Script } from "../../../local/model/script.ts";
import type { Gate } from "../gate.ts";
import type { PhaseName } from "./matrix.ts";

/** A commit of the agent, and when its model was told of it. */
export type Commit = { readonly sha: string; readonly at: number };

/** What the scripted model does with the real agent, and the errors it is ordered to answer with. */
export type AgentScript = {
  readonly script: Script;
  readonly aheadScript: Script;
  readonly commits: () => readonly Commit[];
  /** The next requests are answered with these statuses, in order. */
  readonly refuse: (statuses: readonly number[]) => void;
  readonly refusalsLeft: () => number;
  /** Drops the refusals that nobody has met. */
  readonly relent: () => void;
  /** Before the agent's last word is spoken. */
  readonly beforeLast: (act: () => void) => void;
  /** Before the agent's second command. */
  readonly beforeSecond: (act: () => void) => void;
};

const commit = "echo work >> work.txt && git add work.txt && git commit -qm work && git rev-parse HEAD";

/** These phases are reached with a commit that the remote has. */
const withSavedCommit: ReadonlySet<PhaseName> = new Set(["agent", "push", "stopping"]);

export function makeAgentScript({
  phase,
  gate,
  git,
  branch,
}: {
  readonly phase: PhaseName;
  readonly gate: Gate;
  readonly git: GitServer;
  readonly branch: string;
}): AgentScript {
  const commits = new Map<string, number>();
  const refusals: number[] = [];
  let beforeLast: (() => void) | null = null;
  let beforeSecond: (() => void) | null = null;
  const waits = phase === "agent" || phase === "stopping";
  // Work that only the last push can bring, or a commit that no checkpoint had its time for.
  const second = waits
    ? `echo more >> work.txt && git commit -qam more && ${gate.command}`
    : "echo more >> work.txt";
  const once = (act: (() => void) | null): void => act?.();
  return {
    script: async ({ toolResults }) => {
      const status = refusals.shift();
      if (status !== undefined) return { kind: "http-error", status, message: "ordered by the fault matrix" };
      for (const { args, text } of toolResults) {
        const sha = commandOf(args) === commit ? /^[0-9a-f]{40}$/m.exec(text)?.[0] : undefined;
        if (sha !== undefined && !commits.has(sha)) commits.set(sha, Date.now());
      }
      const ran = new Set(toolResults.map(({ args }) => commandOf(args)));
      if (!ran.has(commit)) return runCommand(commit);
      if (withSavedCommit.has(phase))
        await git.waitForPush(({ updates }) => updates.some(({ ref }) => ref === `refs/heads/${branch}`));
      if (!ran.has(second)) {
        once(beforeSecond);
        beforeSecond = null;
        return runCommand(second);
      }
      once(beforeLast);
      beforeLast = null;
      return say("Done.");
    },
    aheadScript: runInTurn([`${gate.command} && ${commit}`], "Done."),
    commits: () => [...commits].map(([sha, at]) => ({ sha, at })),
    refuse: (statuses) => {
      refusals.push(...statuses);
    },
    refusalsLeft: () => refusals.length,
    relent: () => {
      refusals.length = 0;
    },
    beforeLast: (act) => {
      beforeLast = act;
    },
    beforeSecond: (act) => {
      beforeSecond = act;
    },
  };
}
