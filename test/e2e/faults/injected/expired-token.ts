import type { Fault } from "../injection.ts";
import { refuseGit } from "../git-refusal.ts";

/** The job's git token is withdrawn for good. In the phase of the agent its attempt is lost too: the next one cannot clone. */
export const expireToken: Fault = async (stage, { container }) => {
  await refuseGit(stage, { kind: "unauthorized" }, 401);
  if (stage.phase === "agent") process.kill(container.pid, "SIGKILL");
  return { evidence: () => Promise.resolve("fetch and push are answered with 401") };
};
