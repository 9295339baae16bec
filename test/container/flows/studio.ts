import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { createFlow } from "../../../container/flows/flows.ts";
import type { AgentUser } from "../../../container/process/agent-user.ts";
import { systemRandom } from "../../../container/system.ts";
import type { FlowLimits } from "../../../container/job-context.ts";
import { AgentJob, type CodingJob } from "../../../shared/job-body.ts";
import type { Terminal } from "../../../shared/job-result.ts";
import { type GitHub, startGitHub } from "../../../local/github/github.ts";
import { type Files, type GitHost, ghToken, startGitHost } from "../git-host.ts";
import { makeFolder, realClock } from "../job-folder.ts";
import { makeJob } from "../make-job.ts";
import { type RecordingContext, makeContext } from "../recording-context.ts";

/** A git host, a hosting API, and a flow whose agent is a script of the test's. */
export type Studio = {
  readonly folder: string;
  readonly host: GitHost;
  readonly github: GitHub;
  readonly recording: RecordingContext;
  readonly job: AgentJob;
  readonly run: () => Promise<Terminal>;
  /** Lets an agent go on that called `wait_for_go`. */
  readonly letGo: () => Promise<void>;
};

/** A job's fields; `undefined` takes one of the usual ones away. */
type JobFields = { readonly [Field in keyof CodingJob]?: CodingJob[Field] | undefined };

export type StudioOptions = {
  /** Shell commands between the agent's first and last event, run in its working directory. */
  readonly agent: string | ((host: GitHost) => string);
  readonly files?: Files;
  /** A host that several jobs share; absent: one of the job's own. */
  readonly host?: GitHost;
  readonly job?: JobFields;
  /** Makes another kind of job; what it says of repository and hosting API is replaced by the studio's. */
  readonly makeJob?: () => AgentJob;
  /** Whose processes the agent's are; absent: this one's user's. */
  readonly user?: AgentUser;
  /** The agent's program. */
  readonly program?: string;
  readonly limits?: Partial<FlowLimits>;
  /** The attempt of the same job before this one: its host is this one's, and where it began is known. */
  readonly earlier?: Studio;
  readonly env?: Readonly<Record<string, string>>;
  /** What happens at the host before the job. */
  readonly before?: (host: GitHost) => Promise<unknown>;
};

export async function openStudio(options: StudioOptions): Promise<Studio> {
  const folder = await makeFolder();
  const host = options.host ?? options.earlier?.host ?? (await startGitHost(folder, options.files));
  await options.before?.(host);
  const github = await startGitHub({ token: ghToken, git: host.server, log: () => undefined });
  onTestFinished(() => github.close());
  const recording = await makeContext(folder, {
    secrets: [ghToken],
    ...(options.limits !== undefined && { limits: options.limits }),
    ...(options.earlier !== undefined && { baseCommit: baseOf(options.earlier) }),
  });
  const bin = join(folder, "bin");
  const gate = join(folder, "go");
  const { agent } = options;
  await writeAgent(join(bin, options.program ?? "pi"), gate, typeof agent === "string" ? agent : agent(host));
  const usual = makeJob({ githubApiBase: github.url, pr: { title: "Fix the test", body: "It was red." } });
  const fields = { ...usual, ...options.job };
  const given = options.makeJob?.() ?? { ...fields, repo: { ...usual.repo, ...options.job?.repo } };
  const job = AgentJob.parse({
    ...given,
    githubApiBase: github.url,
    repo: { ...given.repo, cloneUrl: host.cloneUrl },
  });
  const env = { ...process.env, ...options.env, PATH: `${bin}:${process.env["PATH"]}` };
  const flow = createFlow({
    clock: realClock,
    env,
    fetch,
    random: systemRandom,
    workspaces: { root: join(folder, "workspaces"), keep: ["node_modules"] },
    user: options.user ?? null,
    ownsAccount: () => options.user !== undefined,
  });
  if (options.user !== undefined) await chmod(folder, 0o711);
  const letGo = (): Promise<void> => writeFile(gate, "");
  return { folder, host, github, recording, job, run: () => flow(job, recording.context), letGo };
}

/** What the object keeps of an attempt and gives to the next. */
function baseOf({ recording }: Studio): string {
  const notes = recording.reported.flatMap((report) => (report.kind === "note" ? [report] : []));
  const base = notes.find(({ code }) => code === "base-commit");
  if (base === undefined) throw new Error("the earlier attempt has not said where it began");
  return base.text;
}

/** A program that reads its prompt, prints Pi's events and runs a script. */
async function writeAgent(program: string, gate: string, script: string): Promise<void> {
  await mkdir(dirname(program));
  await writeFile(
    program,
    `#!/bin/sh
prompt=$(cat)
event() { printf '%s\\n' "$1"; }
say() { event '{"type":"message_end","message":{"role":"assistant","content":[{"type":"text","text":"'"$1"'"}],"stopReason":"stop"}}'; }
start_tool() { event '{"type":"tool_execution_start","toolCallId":"c1","toolName":"bash","args":{"command":"'"$1"'"}}'; }
settle() { event '{"type":"agent_settled"}'; exit 0; }
commit() { echo "$1" > "$1" && git add "$1" && git commit -q -m "Add $1"; }
wait_for_go() { until test -f ${gate}; do sleep 0.02; done; }
event '{"type":"agent_start"}'
${script}
settle
`,
  );
  await chmod(program, 0o755);
}
