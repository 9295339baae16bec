import type { HarnessEvent } from "../../../shared/events.ts";
import { Limits } from "../../../shared/limits.ts";
import type { GivenJob } from "./model-harness.ts";
import { type Rig, replyOf } from "./rig.ts";

/** Sends events `from` to `to` in full beats, no faster than they may come. */
export async function flood(
  rig: Rig,
  job: GivenJob,
  {
    from,
    to,
    make,
  }: { readonly from: number; readonly to: number; readonly make: (seq: number) => HarnessEvent },
): Promise<void> {
  for (let first = from; first <= to; first += Limits.beatEvents) {
    const length = Math.min(Limits.beatEvents, to - first + 1);
    const events = Array.from({ length }, (_, index) => make(first + index));
    await rig.happens(() => rig.world.clock.moveTo(rig.now + 100));
    const beat = JSON.stringify(rig.makeBeat(job, { events }));
    const answer = await rig.object.beat({
      instance: job.envelope.instance,
      key: job.envelope.beatKey,
      beat,
    });
    if (replyOf(answer).ack !== first + length - 1) throw new Error("the flood was not taken");
  }
}
