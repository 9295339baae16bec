/** The preview: a frontend that is built, served, and left standing when the job is done. No agent works. */

import type { PreviewJob } from "../../shared/job-body.ts";
import type { JobResult, Terminal } from "../../shared/job-result.ts";
import { type StandUp, type StandUpOptions, standUpInfra } from "../infra/stand-up.ts";
import type { JobContext } from "../job-context.ts";
import type { FlowOptions } from "./desk.ts";
import { endDone, endFailed, endStopped } from "./ending.ts";
import { type ExploreDesk, openExploreDesk } from "./explore-desk.ts";

export async function runPreview(options: FlowOptions<PreviewJob>): Promise<Terminal> {
  const { context, job } = options;
  if (job.infra?.kind !== "frontend") {
    return endUnusable("invalid preview job: 'infra.kind' must be 'frontend'");
  }
  const opened = await openExploreDesk(options);
  if (context.stop.aborted) return endStopped(context);
  if (!opened.ok) return endFailed(context, opened.failure);
  context.report.phase("serve");
  const handedOver = new AbortController();
  const standUp = await standUpInfra(
    standUpOptions(options, { ...opened.value, infra: job.infra, handedOver: handedOver.signal }),
  );
  if (standUp.isStopped || standUp.serveUrl === null) {
    await standUp.close();
    return standUp.isStopped ? endStopped(context, withRecord(standUp)) : endNotUp(standUp);
  }
  handedOver.abort();
  context.keep(standUp.close);
  return endUp(standUp, standUp.serveUrl);
}

type Place = Pick<ExploreDesk, "folders" | "git" | "workplace"> & {
  readonly infra: StandUpOptions["infra"];
  readonly handedOver: AbortSignal;
};

/** Once the job is done, what stands takes neither its account nor its reports for its own. */
function standUpOptions(options: FlowOptions<PreviewJob>, place: Place): StandUpOptions {
  const { context, clock, env, user } = options;
  const { folders, git, workplace, infra, handedOver } = place;
  const note: JobContext["report"]["note"] = (code, text) => {
    if (!handedOver.aborted) context.report.note(code, text);
  };
  return {
    infra,
    checkout: folders.checkout,
    workplace,
    folders,
    context: { ...context, report: { ...context.report, note } },
    clock,
    env,
    user,
    ownsAccount: () => !handedOver.aborted && options.ownsAccount(),
    exceptSessions: git.sessions,
  };
}

function endUp(standUp: StandUp, url: string): Terminal {
  const note = standUp.problem === null ? "" : ` (${standUp.problem})`;
  const summary = `Frontend preview built and served at ${url}${note}.`;
  return endDone({ summary, preview: { url }, ...withRecord(standUp) });
}

function endNotUp(standUp: StandUp): Terminal {
  const note = standUp.problem ?? "the served app was never reachable";
  return endUnusable(`the frontend preview did not come up (${note})`, withRecord(standUp));
}

function endUnusable(error: string, result: JobResult = {}): Terminal {
  return endDone({ error, failureCause: "no-usable-output", ...result });
}

function withRecord({ record }: StandUp): JobResult {
  return record === null ? {} : { infraSetup: record };
}
