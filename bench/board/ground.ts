/** A hundred real executions, each on the board by its own telling: a few at work, the others in line behind them. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createTestHarness } from "wrangler";
import type { Script } from "../../local/model/script.ts";
import { makeSampleJob } from "../../local/sample-job.ts";
import { createSampleRepository } from "../../local/sample/sample.ts";
import { projectRoot, startStandIns } from "../../local/stand-ins.ts";
import { BoardPage, type Card } from "../../shared/board.ts";

export type BoardGround = {
  readonly url: string;
  readonly token: string;
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
  readonly dispatch: (executionId: string) => Promise<void>;
  /** Ends what it does; resolves when that is proved. */
  readonly release: (executionId: string) => Promise<void>;
  readonly cards: () => Promise<readonly Card[]>;
  readonly until: (isSo: (cards: readonly Card[]) => boolean) => Promise<void>;
  /** How often anything was asked of an execution so far, by anybody. */
  readonly executionCalls: () => readonly string[];
  readonly close: () => Promise<void>;
};

export const executionIds = Array.from({ length: 100 }, (_, n) => `bench_${String(n).padStart(3, "0")}`);
export const titleOf = (executionId: string): string => `Work of ${executionId}`;
/** Each of these has a container, which is a process here; the others wait for a slot. */
export const atWork = 4;

const tokens = { git: "git_bench-token-0123456789", model: "model_bench-token-0123456789" };
const token = "holt_bench-token-0123456789";

export async function openBoardGround(script: Script): Promise<BoardGround> {
  // The page as wrangler's own build step makes it.
  execFileSync(process.execPath, [join(projectRoot, "scripts/build-ui.ts")], { cwd: projectRoot });
  const stateDir = await mkdtemp(join(tmpdir(), "holt-bench-board-"));
  const log = (): void => undefined;
  const standIns = await startStandIns({ stateDir, script, tokens, log });
  const repository = await createSampleRepository(standIns.git);
  Object.assign(process.env, standIns.engine.env, {
    WRANGLER_SEND_METRICS: "false",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    WRANGLER_LOG_PATH: join(stateDir, "wrangler-logs"),
  });
  const sha256 = createHash("sha256").update(token).digest("hex");
  const harness = createTestHarness({
    root: projectRoot,
    workers: [
      {
        configPath: "test/worker/counting.toml",
        vars: { HOLT_ALLOWED_HOSTS: "127.0.0.1", HOLT_MAX_LIVE_EXECUTIONS: String(atWork) },
        secrets: {
          HOLT_TOKENS: JSON.stringify([{ name: "bench", sha256, scopes: ["dispatch"] }]),
          HOLT_SEALING_KEY: Buffer.alloc(32, 7).toString("base64"),
        },
      },
    ],
  });
  const { url } = await harness.listen();
  const ask: BoardGround["fetch"] = (path, init = {}) =>
    fetch(new URL(path, url), {
      ...init,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    });
  const cards = async (): Promise<readonly Card[]> => {
    const found: Card[] = [];
    for (let since = "0", more = true; more;) {
      const page = BoardPage.parse(await (await ask(`/v1/boards/main?since=${since}`)).json());
      found.push(...page.cards);
      ({ next: since, more } = page);
    }
    return found;
  };
  return {
    url: url.origin,
    token,
    fetch: ask,
    dispatch: async (executionId) => {
      const {
        kind: _kind,
        jobId,
        ...spec
      } = makeSampleJob({
        jobId: `${executionId}-coder`,
        repository,
        githubUrl: standIns.github.url,
        gitToken: tokens.git,
        modelUrl: standIns.model.url,
        modelToken: tokens.model,
        model: executionId,
        branch: `holt/${executionId}`,
      });
      const body = {
        jobId,
        spec,
        policy: { queuedMs: 3_600_000 },
        labels: { title: titleOf(executionId) },
      };
      const answer = await ask(`/v1/executions/${executionId}/jobs`, {
        method: "POST",
        body: JSON.stringify(body),
      });
      if (answer.status !== 202) throw new Error(`no dispatch: ${await answer.text()}`);
      await answer.arrayBuffer();
    },
    release: async (executionId) => {
      await (await ask(`/v1/executions/${executionId}`, { method: "DELETE" })).arrayBuffer();
    },
    cards,
    until: async (isSo) => {
      while (!isSo(await cards())) await sleep(500);
    },
    executionCalls: () =>
      harness
        .getLogs()
        .map(({ message }) => message)
        .filter((line) => line.includes('"execution.called"')),
    close: async () => {
      await harness.close();
      await standIns.close();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
