import { type BundleChain, bundleHeader, createBundleChain } from "../../../shared/bundle/chain.ts";
import type { BundleHead } from "../../../shared/bundle/line.ts";
import { entriesOf } from "../../../shared/events.ts";
import { sha256Hex } from "../../keys.ts";
import { isTerminal, type Job } from "../state.ts";
import type { Store } from "../store.ts";

/** Pruning that strikes while a log is hashed spoils the hash; a log that is pruned this often has not come to rest. */
const TRIES = 3;
const LINES_AT_ONCE = 500;

/**
 * What the bundle's chain is at the end of a job. Hashing is asynchronous and cannot be part of the step that ends the
 * job, so the first read of that end makes it, on top of what earlier ends of the execution have made, and keeps it.
 */
export class BundleHeads {
  readonly #store: Store;
  readonly #underWay = new Map<string, Promise<BundleHead | null>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Null while the job lives, and where pruning dropped the line of its end. */
  async of(executionId: string, job: Job): Promise<BundleHead | null> {
    if (!isTerminal(job.status)) return null;
    const { jobId, round } = job;
    const kept = this.#store.heads.of(jobId, round);
    if (kept !== null) return kept;
    const key = `${round} ${jobId}`;
    const making = this.#underWay.get(key) ?? this.#make(executionId, jobId, round);
    this.#underWay.set(key, making);
    try {
      return await making;
    } finally {
      this.#underWay.delete(key);
    }
  }

  async #make(executionId: string, jobId: string, round: number): Promise<BundleHead | null> {
    const { heads, log } = this.#store;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const cursor = log.terminalCursor(jobId, round);
      if (cursor === null) return null;
      const { prunings } = log;
      const head = await this.#hashThrough(executionId, cursor);
      if (log.prunings !== prunings) continue;
      const made = { cursor, head };
      heads.keep(jobId, round, made);
      return made;
    }
    return null;
  }

  async #hashThrough(executionId: string, through: number): Promise<string> {
    const { heads, log } = this.#store;
    const from = heads.before(through);
    const chain = createBundleChain(sha256Hex, from?.head ?? null);
    if (from === null) await chain.add(bundleHeader(executionId));
    let after = from?.cursor ?? 0;
    while (after < through) {
      const page = log.page(executionId, through, { after, limit: LINES_AT_ONCE });
      for (const entry of entriesOf(page)) await chain.add(entry);
      after = page.next;
    }
    return headOf(chain);
  }
}

function headOf(chain: BundleChain): string {
  const head = chain.head();
  if (head === null) throw new Error("a bundle has a first line");
  return head;
}
