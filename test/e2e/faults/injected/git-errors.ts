import type { Fault } from "../injection.ts";
import { refuseGit } from "../git-refusal.ts";
import type { PhaseName } from "../matrix.ts";

/** Here git is at work while the fault lasts, and it lasts until the job has ended. */
const lasting: ReadonlySet<PhaseName> = new Set(["clone", "push", "stopping"]);

/** The git host answers with 500. */
export const breakGit: Fault = async (stage) => {
  const asked = stage.git.requests().length;
  const undo = await refuseGit(stage, { kind: "server-error" }, 500);
  return {
    evidence: () => Promise.resolve("fetch and push are answered with 500"),
    end: async () => {
      if (stage.phase === "agent") await untilPushRefused(stage, asked);
      if (!lasting.has(stage.phase)) undo();
    },
  };
};

/** The commit that no checkpoint had its time for is on its way while the fault lasts. */
async function untilPushRefused(stage: Parameters<Fault>[0], before: number): Promise<void> {
  const probes = 2;
  await stage.until(() =>
    stage.git
      .requests()
      .slice(before + probes)
      .some(({ service }) => service === "push"),
  );
}
