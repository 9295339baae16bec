/** Starts a program in a repository without the harness, to see that what is planted there does spring. */
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { AgentUnderTest } from "./agents-under-test.ts";
import { installedBin, nodeFolder } from "./install.ts";
import { say } from "./scenario.ts";

export type NaiveRun = {
  readonly agent: AgentUnderTest;
  readonly source: string;
  /** Made here. */
  readonly home: string;
  readonly loot: string;
  /** Whose process it is; null: this one's user. */
  readonly uid: number | null;
};

const token = "naive-token-0123456789";

/** The names of the traps that sprang. */
export async function runNaively({ agent, source, home, loot, uid }: NaiveRun): Promise<readonly string[]> {
  const model = await agent.startModel({ script: () => say("Hello."), token, log: () => undefined });
  try {
    await mkdir(home);
    const { args, env } = await agent.naively({ model, token, source, home });
    if (uid !== null) await execa("chown", ["-R", "-h", `${uid}:${uid}`, home]);
    await execa(join(installedBin, agent.program), args, {
      cwd: source,
      env: { PATH: `${nodeFolder}:/usr/bin:/bin`, HOME: home, ...env },
      extendEnv: false,
      reject: false,
      stdin: "ignore",
      timeout: 60_000,
      ...(uid !== null && { uid, gid: uid }),
    });
    return await readdir(loot);
  } finally {
    await model.close();
  }
}
