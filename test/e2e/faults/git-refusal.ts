import { type Refusal } from "../../../local/git-server/faults.ts";
import { demand } from "./injection.ts";
import type { Stage } from "./stage.ts";

/** From here on the git host refuses fetches and pushes; a probe with the job's own token has met that. */
export async function refuseGit(stage: Stage, refusal: Refusal, status: number): Promise<() => void> {
  const undo = (["fetch", "push"] as const).map((service) => stage.git.refuse(service, refusal));
  const credentials = Buffer.from(`x-access-token:${stage.world.secrets.git}`).toString("base64");
  for (const service of ["git-upload-pack", "git-receive-pack"]) {
    const response = await fetch(`${stage.repository.cloneUrl}/info/refs?service=${service}`, {
      headers: { authorization: `Basic ${credentials}` },
    });
    await response.arrayBuffer();
    demand(response.status === status, `${service} was answered with ${response.status}`);
  }
  return () => {
    for (const take of undo) take();
  };
}
