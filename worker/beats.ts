import { WorkerEntrypoint } from "cloudflare:workers";
import { BEAT_HOST, BEAT_PATH } from "../shared/beat.ts";
import { type Refusal, refuse } from "../shared/errors.ts";
import { Limits } from "../shared/limits.ts";
import { type Executions, executionsOf } from "./executions.ts";
import { bearerOf } from "./http/bearer.ts";
import { readJsonText } from "./http/body.ts";
import { internalError, refusalResponse, secureHeaders } from "./http/refusal.ts";
import type { Log, Random } from "./ports.ts";
import { systemLog, systemRandom } from "./system.ts";

/** Set by the object that started the container, so they are the platform's word on which instance speaks. */
export type BeatsProps = { readonly executionId: string; readonly instance: string };

export type BeatDeps = { readonly executions: Executions; readonly random: Random; readonly log: Log };

/** Where a container's requests to `holt.internal` arrive. No public route leads here. */
export class Beats extends WorkerEntrypoint<Env, BeatsProps> {
  override fetch(request: Request): Promise<Response> {
    const deps = { executions: executionsOf(this.env), random: systemRandom, log: systemLog };
    return receiveBeat(request, this.ctx.props, deps);
  }
}

/**
 * Hands one beat to the object of its container. The props say which instance speaks; the bearer, which the object checks,
 * says that it is the harness and not the agent beside it. Not repeated here: the harness retries.
 */
export async function receiveBeat(request: Request, props: BeatsProps, deps: BeatDeps): Promise<Response> {
  const requestId = deps.random.id();
  try {
    const answer = await handOver(request, props, deps.executions);
    if (typeof answer !== "string") return refusalResponse(answer, requestId);
    return new Response(answer, { headers: { ...secureHeaders, "content-type": "application/json" } });
  } catch (error) {
    deps.log.write("error", "beat.failed", { ...props, requestId, error });
    return refusalResponse(internalError, requestId);
  }
}

async function handOver(
  request: Request,
  { executionId, instance }: BeatsProps,
  executions: Executions,
): Promise<string | Refusal> {
  const { hostname, pathname } = new URL(request.url);
  if (request.method !== "POST" || hostname !== BEAT_HOST || pathname !== BEAT_PATH) {
    return refuse("not-found", "not found");
  }
  const key = bearerOf(request.headers);
  if (key === null) return refuse("invalid-beat-key", "a beat carries its key as a bearer");
  const body = await readJsonText(request, Limits.terminalBeatBytes);
  if (!body.ok) return body;
  const answer = await executions.named(executionId).beat({ instance, key, beat: body.text });
  return answer.ok ? answer.reply : answer;
}
