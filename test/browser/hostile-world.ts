import { chmod, copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { always, say } from "../../local/model/script.ts";
import { projectRoot } from "../../local/stand-ins.ts";
import { type JobBody, openWorld, type World } from "../e2e/world.ts";

/** A world in which Codex is a program that says whatever might do harm where people look at it. */
export async function openHostileWorld(): Promise<World> {
  const bin = await mkdtemp(join(tmpdir(), "holt-hostile-"));
  const program = fileURLToPath(new URL("fixtures/hostile-agent.mjs", import.meta.url));
  await copyFile(program, join(bin, "codex"));
  await chmod(join(bin, "codex"), 0o755);
  const path = [bin, join(projectRoot, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  const world = await openWorld({ containerEnv: { PATH: path } });
  return {
    ...world,
    close: async () => {
      await world.close();
      await rm(bin, { recursive: true, force: true });
    },
  };
}

export type Hostility = {
  /** Of tools; each is a span. */
  readonly calls: number;
  /** Of the longest line. */
  readonly lineChars: number;
};

export function hostileJob(world: World, name: string, { calls, lineChars }: Hostility): JobBody {
  return world.job(name, always(say("Nobody asks.")), {
    harness: "codex",
    subscriptionToken: "subscription-of-a-test",
    streamFollowUps: true,
    userPrompt: JSON.stringify({ calls, lineChars }),
  });
}
