/** One scripted model for all jobs of a load: the first line of a prompt says whose it is. */
import { say, type Script } from "../model/script.ts";
import type { PlannedJob } from "./plan.ts";

export type Cast = {
  readonly script: Script;
  readonly give: (job: PlannedJob, script: Script) => void;
};

export function makeCast(): Cast {
  const scripts = new Map<string, Script>();
  return {
    script: (conversation) => {
      const [line = ""] = conversation.prompt.split("\n");
      const script = scripts.get(line);
      return script === undefined ? say(`Nobody has a part for "${line}".`) : script(conversation);
    },
    give: (job, script) => void scripts.set(headOf(job), script),
  };
}

export function promptOf(job: PlannedJob): string {
  return `${headOf(job)}\n\nThe tests of this project (\`node --test\`) are red. Find out why, fix the cause, and commit.`;
}

function headOf({ ticket, title }: PlannedJob): string {
  return `${ticket}: ${title}`;
}
