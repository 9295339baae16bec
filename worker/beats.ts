import { WorkerEntrypoint } from "cloudflare:workers";
import { BEAT_HOST, BEAT_PATH } from "../shared/beat.ts";
import { type Refusal, refuse } from "../shared/errors.ts";
import { Limits } from "../shared/limits.ts";
import { executionsOf } from "./executions.ts";
import { bearerOf } from "./http/bearer.ts";
import { readShallowText } from "./http/body.ts";
import { internalError, refusalResponse, secureHeaders } from "./http/refusal.ts";
import { systemLog, systemRandom } from "./system.ts";

export type BeatsProps = { readonly executionId: string; readonly instance: string };

/**
 * Where a container's beats arrive. The object that started the container set the props, so they say which instance
 * speaks; the bearer says that it is the harness and not the agent beside it. No public route leads here.
 */
export class Beats extends WorkerEntrypoint<Env, BeatsProps> {
  override async fetch(request: Request): Promise<Response> {
    const requestId = systemRandom.id();
    try {
      const answer = await this.#answer(request);
      if (typeof answer !== "string") return refusalResponse(answer, requestId);
      return new Response(answer, { headers: { ...secureHeaders, "content-type": "application/json" } });
    } catch (error) {
      systemLog.write("error", "beat.failed", { ...this.ctx.props, requestId, error });
      return refusalResponse(internalError, requestId);
    }
  }

  async #answer(request: Request): Promise<string | Refusal> {
    const { hostname, pathname } = new URL(request.url);
    if (request.method !== "POST" || hostname !== BEAT_HOST || pathname !== BEAT_PATH) {
      return refuse("not-found", "not found");
    }
    const key = bearerOf(request.headers);
    if (key === null) return refuse("invalid-beat-key", "a beat carries its key as a bearer");
    const body = await readShallowText(request, Limits.terminalBeatBytes);
    if (!body.ok) return body;
    const { executionId, instance } = this.ctx.props;
    const answer = await executionsOf(this.env).named(executionId).beat({ instance, key, beat: body.text });
    return answer.ok ? answer.reply : answer;
  }
}
