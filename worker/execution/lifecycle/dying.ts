import type { ExitCause } from "../../../shared/job-view.ts";
import type { Exit, Instance, Job } from "../state.ts";
import { bury, holder, stopCounting } from "./instance.ts";
import { isLive } from "../state.ts";
import { exitCauseOf, startFailureOf } from "../platform-texts.ts";
import { finish, finishStopped } from "./ending.ts";
import { noteLateCode, noteLateExit } from "./late-evidence.ts";
import { proofOfDeath, unseen } from "./proof-of-death.ts";
import { judgeLoss } from "./recovery.ts";
import { startFailed } from "./failed-starts.ts";
import { onStarted } from "./starting.ts";
import { endInstance, evidenceOn } from "./stopping.ts";
import { noteUnknownGap, noteUnsent } from "./unsent.ts";
import { emit, patchInstance, scaled, type Turn } from "./turn.ts";

/** A terminal beat may still be on its way when the exit is seen. */
export const JUDGE_AFTER_MS = 5_000;

/** `monitor()` of this very instance settled with an exit code: its death is proved. */
export function onExited(turn: Turn, code: number, message: string): void {
  const { instance } = turn.state;
  if (instance === null) return;
  if (instance.exit !== null) {
    // Nobody has judged yet: a code that was seen says more than a death that was found.
    if (noteLateCode(turn, instance, code)) {
      const cause = causeOf(turn, instance, code, message);
      patchInstance(turn, { exit: { ...instance.exit, code, cause, by: "monitor" } });
    }
    return;
  }
  const cause = causeOf(turn, instance, code, message);
  const exit = recordExit(turn, { code, cause, by: "monitor" });
  const proof = proofOfDeath({ ...unseen(instance), exitCode: code });
  if (proof === null) return;
  noteLateExit(turn, instance, proof);
  emit(turn, "instance-exited", { code, cause: exit.cause, by: exit.by, message }, { instance: instance.id });
  settle(turn, proof);
}

/** The exit code of a container whose death is proved already, and which none has followed. */
export function onExitedLate(turn: Turn, instance: string, code: number): void {
  const { lastInstance } = turn.state;
  if (turn.state.instance !== null || lastInstance?.id !== instance) return;
  if (noteLateCode(turn, lastInstance, code)) {
    turn.state = { ...turn.state, lastInstance: { ...lastInstance, lateCode: code } };
  }
}

/** A proof of death without an exit code. */
export function onDead(turn: Turn, proof: string, message = ""): void {
  const { instance } = turn.state;
  if (instance === null) return;
  if (instance.phase === "written" && instance.intent === null) {
    emit(
      turn,
      "instance-exited",
      { code: null, cause: "never-started", by: "object" },
      { instance: instance.id },
    );
    turn.state = { ...turn.state, instance: null };
    requeue(turn);
    return;
  }
  if (instance.exit === null) {
    const exit = recordExit(turn, {
      code: null,
      cause: causeOf(turn, instance, null, message),
      by: instance.intent === null ? "object" : instance.intent.cause,
    });
    emit(
      turn,
      "instance-exited",
      { code: null, cause: exit.cause, by: exit.by, proof },
      { instance: instance.id },
    );
  }
  settle(turn, proof);
}

/** The object has begun anew; `running` is what the platform says at that moment. */
export function onWoke(turn: Turn, running: boolean): void {
  const { instance } = turn.state;
  if (instance === null) {
    if (running) turn.effects.push({ kind: "destroy-stray" });
    return;
  }
  if (!running) {
    const proof = proofOfDeath({ ...unseen(instance), running, begunAnew: true });
    if (instance.exit === null && proof !== null) onDead(turn, proof);
    return;
  }
  if (instance.phase === "written") onStarted(turn);
  if (instance.intent !== null) {
    endInstance(turn, instance.intent.cause, instance.intent.text);
    return;
  }
  if (instance.phase === "ready") turn.effects.push({ kind: "verify", instance: instance.id });
  if (instance.phase === "started") turn.effects.push({ kind: "probe", instance: instance.id });
}

/** The container that answers is another than the one that was started: ours is gone. */
export function onForeign(turn: Turn, seen: string): void {
  const { instance } = turn.state;
  if (instance === null || instance.intent !== null) return;
  const job = holder(turn, instance);
  endInstance(turn, "foreign", `the running container calls itself ${seen}, not ${instance.id}`);
  // Before the harness has the job it is a start that failed, which the proof of death counts.
  if (job !== null && job.stop === null && job.current !== null) {
    judgeLoss(turn, job, exitOf(turn, "vanished"), [
      { at: turn.now, code: "foreign-instance", text: `the container answered as ${seen}` },
    ]);
  }
}

/** The wait for a late terminal beat is over. */
export function judge(turn: Turn): void {
  const { instance } = turn.state;
  if (instance === null || instance.exit === null) return;
  const exit = withDrain(turn, instance, instance.exit);
  const job = holder(turn, instance);
  bury(turn, { ...instance, exit }, `exit ${exit.cause} judged`);
  if (job === null) return;
  if (job.stop !== null) {
    finishStopped(turn, job, job.stop, exit);
    return;
  }
  const isUnfinished = job.current?.endTold === undefined;
  if (exit.code === 0 && instance.announced === "shutting-down" && isUnfinished) {
    finish(turn, noteUnsent(turn, job), {
      status: "failed",
      code: "harness-shutdown",
      harnessShutdown: true,
      error: "the harness shut itself down with exit code 0 before the job was done",
      exit,
    });
    return;
  }
  judgeLoss(turn, job, exit, evidenceOf(turn, job, exit));
}

/** Lost: silent, and its questions unanswered. The container is brought to its end, whether the job goes on or not. */
export function declareLost(turn: Turn, job: Job, why: string): void {
  const exit = exitOf(turn, "silence");
  endInstance(turn, "silence", why);
  judgeLoss(turn, job, exit, [
    {
      at: turn.now,
      code: "silence",
      text: `no beat for ${turn.now - (job.beatAt ?? job.current?.startedAt ?? turn.now)} ms; ${why}`,
    },
  ]);
}

function settle(turn: Turn, proof: string): void {
  const { instance } = turn.state;
  if (instance === null || instance.exit === null) return;
  const job = holder(turn, instance);
  if (job !== null && job.stop === null && job.status === "starting" && isFailedStart(instance)) {
    const said = job.starts.lastError ?? "";
    const cause = instance.intent === null && instance.exit.code === null ? startFailureOf(said) : "other";
    bury(turn, instance, proof);
    if ((job.current?.ack ?? 0) > 0)
      noteUnknownGap(turn, job, "events not yet sent when the start was given up");
    startFailed(turn, job, cause, cause === "other" ? describeStartFailure(instance) : said);
    return;
  }
  const told = job === null ? null : withProof(turn, job, proof);
  const waitsForBeat = told !== null && (told.stop === null || told.stop.kind === "deadline");
  if (waitsForBeat) return;
  bury(turn, instance, proof);
  if (told?.stop) finishStopped(turn, told, told.stop, instance.exit);
}

/** The last step of a stop, with its evidence like the others. */
function withProof(turn: Turn, job: Job, proof: string): Job {
  if (job.stop === null || job.stop.evidence.some(({ code }) => code === "dead")) return job;
  return evidenceOn(turn, job.jobId, "dead", proof) ?? job;
}

/** Not a lost attempt: it never became ready, or was ended since it never took the job. */
function isFailedStart({ intent, phase }: Instance): boolean {
  return phase !== "ready" || intent?.cause === "start-failed";
}

/** What a last beat told of a drain, after the exit was seen, counts too. */
function withDrain(turn: Turn, instance: Instance, exit: Exit): Exit {
  const { code, cause } = exit;
  const isOwn = cause === "exited" || cause === "oom" || cause === "vanished";
  return isOwn ? { ...exit, cause: causeOf(turn, instance, code, "") } : exit;
}

function causeOf(turn: Turn, instance: Instance, code: number | null, message: string): ExitCause {
  if (instance.intent !== null) return "self-stopped";
  const drained = instance.announced === "drained" || holder(turn, instance)?.phase === "draining";
  return exitCauseOf({ code, message, drained });
}

function describeStartFailure(instance: Instance): string {
  if (instance.intent !== null) return instance.intent.text;
  const code = instance.exit?.code ?? null;
  return code === null
    ? "the container was gone before it was ready"
    : `the container exited with code ${code} before it was ready`;
}

function requeue(turn: Turn): void {
  turn.state = {
    ...turn.state,
    jobs: turn.state.jobs.map((job) =>
      job.status === "starting"
        ? { ...job, status: "queued", queuedSince: turn.now, current: null, ...stopCounting(job, turn.now) }
        : job,
    ),
  };
}

function recordExit(turn: Turn, seen: Pick<Exit, "code" | "cause" | "by">): Exit {
  const job = turn.state.jobs.find(isLive) ?? null;
  const exit: Exit = { ...seen, at: turn.now, judgeAt: turn.now + scaled(job, JUDGE_AFTER_MS) };
  patchInstance(turn, { exit });
  return exit;
}

function exitOf(turn: Turn, cause: ExitCause): Exit {
  return { code: null, cause, by: "object", at: turn.now, judgeAt: turn.now };
}

function evidenceOf(turn: Turn, job: Job, exit: Exit): { at: number; code: string; text: string }[] {
  const alive = job.beatAt === null ? "no beat was ever seen" : `last beat ${exit.at - job.beatAt} ms before`;
  return [
    { at: exit.at, code: "exit", text: `exit code ${exit.code ?? "unknown"}, seen by ${exit.by}; ${alive}` },
    { at: turn.now, code: "judged", text: `no terminal beat came within ${turn.now - exit.at} ms` },
  ];
}
