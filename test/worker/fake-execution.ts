import { DurableObject } from "cloudflare:workers";
import { refuse } from "../../shared/errors.ts";
import type { BeatAnswer, ExecutionRpc } from "../../worker/execution/rpc.ts";

type BeatRequest = Parameters<ExecutionRpc["beat"]>[0];

/** An object that keeps what it is handed: for tests of the doors in front of it. */
export class FakeExecution extends DurableObject<Env> {
  async beat(request: BeatRequest): Promise<BeatAnswer> {
    await this.ctx.storage.put("beat", request);
    if (request.key === "throws") throw new Error("the object was reset");
    if (request.key !== "right") return refuse("invalid-beat-key", "the beat key is wrong");
    return { ok: true, reply: JSON.stringify({ ack: 7, directives: [], nextBeatMs: 10_000 }) };
  }

  async lastBeat(): Promise<BeatRequest | null> {
    return (await this.ctx.storage.get<BeatRequest>("beat")) ?? null;
  }
}
