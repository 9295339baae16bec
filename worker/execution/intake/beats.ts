import { Beat } from "../../../shared/beat.ts";
import type { Terminal } from "../../../shared/job-result.ts";
import { type Refusal, refuse } from "../../../shared/errors.ts";
import { Limits } from "../../../shared/limits.ts";
import type { Clock } from "../../ports.ts";
import type { BeatAnswer } from "../rpc.ts";
import type { Runtime } from "../runtime.ts";
import { activeJob, type ExecutionState, isLive, type Job, jobOf } from "../state.ts";
import type { Teller } from "../telling/teller.ts";
import { Refusals } from "./refusals.ts";
import { Throttle } from "./throttle.ts";
import type { Vault } from "./vault.ts";

/** One beat as it came in; whoever read it has bounded its bytes and its depth. */
export type BeatRequest = { readonly instance: string; readonly key: string; readonly beat: string };

export type BeatIntakeDeps = {
  readonly runtime: Runtime;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly teller: Teller;
};

/** Looks at who speaks and takes every secret out before the core sees a beat. A refusal changes nothing. */
export class BeatIntake {
  readonly #deps: BeatIntakeDeps;
  readonly #throttle = new Throttle(Limits.beatsPerSecond);
  readonly #strangers = new Throttle(Limits.beatsPerSecond);
  readonly #refusals = new Refusals();

  constructor(deps: BeatIntakeDeps) {
    this.#deps = deps;
  }

  async take(request: BeatRequest): Promise<BeatAnswer> {
    const answer = await this.#take(request);
    if (answer.ok) return answer;
    const { clock, teller } = this.#deps;
    const { code } = answer;
    const count = this.#refusals.count(code, clock.now());
    if (count !== null) teller.refused({ instance: request.instance, code, count });
    return answer;
  }

  async #take(request: BeatRequest): Promise<BeatAnswer> {
    const { clock, runtime, vault } = this.#deps;
    // Before its text is read: what the agent beside the harness sends must cost no more than a look at the key.
    const isCurrent = await this.#isOfCurrentAttempt(request);
    if (!isCurrent && !this.#strangers.admits(clock.now())) return tooMany;
    const { state } = runtime;
    if (state === null) return refuse("stale-attempt", "nothing of this job is known here");
    const read = readBeat(request.beat);
    if (!read.ok) return read;
    const { beat } = read;
    if (beat.terminal === undefined && request.beat.length > Limits.beatBytes) {
      return refuse("body-too-large", `a beat without an end has at most ${Limits.beatBytes} bytes`);
    }
    const job = jobOf(state, beat.jobId);
    if (job === null || beat.instance !== request.instance) {
      return refuse("stale-attempt", "this instance does not carry out that job");
    }
    if (!(await vault.isBeatKey(job, beat, request.key))) {
      return refuse("invalid-beat-key", "the bearer is not the key of this attempt's beats");
    }
    // After the key: the agent beside the harness must not use its rate up.
    if (!this.#throttle.admits(clock.now())) return tooMany;
    const redacted = await vault.redactBeat(job, beat);
    // Without the spec nobody knows what is secret in a text: nothing of it is stored, and the job ends as unreadable.
    if (redacted === null)
      runtime.apply({ kind: "spec-unreadable", jobId: beat.jobId, attempt: beat.attempt });
    const safe = redacted ?? withoutText(beat, job, runtime.state);
    const { reply } = runtime.apply({ kind: "beat", beat: safe });
    if (reply.kind === "refused") return reply.refusal;
    if (reply.kind !== "beat") throw new Error("a beat was not answered as one");
    return { ok: true, reply: JSON.stringify(reply.reply) };
  }

  /** Whether this is the key of the attempt at work, whose beats nobody else can keep from being read. */
  async #isOfCurrentAttempt({ instance, key }: BeatRequest): Promise<boolean> {
    const { runtime, vault } = this.#deps;
    const job = runtime.state === null ? null : activeJob(runtime.state);
    return job !== null && (await vault.isBeatKey(job, { instance, attempt: job.attempt }, key));
  }
}

const tooMany = refuse("rate-limited", `at most ${Limits.beatsPerSecond} beats a second`);

/** Of an end that comes after the job's own only how it went is kept; a job that lives gets none it could not show. */
function withoutText(
  { terminal, progress: _progress, ...beat }: Beat,
  job: Job,
  now: ExecutionState | null,
): Beat {
  const current = now === null ? null : jobOf(now, job.jobId);
  const isLate = terminal !== undefined && current !== null && !isLive(current);
  return { ...beat, phase: job.phase, events: [], ...(isLate && { terminal: bare(terminal) }) };
}

function bare({ state, result }: Terminal): Terminal {
  const achieved = result?.pushed === undefined ? {} : { pushed: result.pushed };
  return state === "done" ? { state, result: achieved } : { state, error: "", result: achieved };
}

function readBeat(text: string): { readonly ok: true; readonly beat: Beat } | Refusal {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refuse("invalid-beat", `not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = Beat.safeParse(value);
  if (parsed.success) return { ok: true, beat: parsed.data };
  const named = parsed.error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.map(String).join(".")}: ${message}`);
  return refuse("invalid-beat", `not a beat of this version: ${named.join("; ")}`);
}
