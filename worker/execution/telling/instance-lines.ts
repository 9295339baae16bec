import type { LogLine } from "../../ports.ts";
import type { Instance } from "../state.ts";
import { line } from "./line.ts";
import { buriedBy, failedStart, idsOfJob, type Turned } from "./turned.ts";

/** The way of a container, from the id that is written for it to the proof that it is dead. */
export function instanceLines(turned: Turned): readonly LogLine[] {
  const { before, after } = turned;
  const failed = failedStart(turned);
  const old = before?.instance ?? null;
  return [
    ...(failed === null
      ? []
      : [
          line(
            "warn",
            "start.failed",
            { ...idsOfJob(failed.job), instance: failed.instance.id },
            { cause: failed.cause, why: failed.message },
          ),
        ]),
    ...endingLines(old, after.instance),
    ...buriedLines(turned),
    ...beginningLines(old, after.instance),
  ];
}

function beginningLines(old: Instance | null, instance: Instance | null): readonly LogLine[] {
  if (instance === null) return [];
  const { id, image, size, phase } = instance;
  const isNew = old?.id !== id;
  return [
    ...(isNew ? [line("info", "instance.written", { instance: id }, { image, size })] : []),
    ...(phase === "started" && (isNew || old?.phase === "written")
      ? [line("info", "instance.started", { instance: id }, { image, size })]
      : []),
  ];
}

function endingLines(old: Instance | null, instance: Instance | null): readonly LogLine[] {
  const intent = instance?.intent ?? null;
  if (instance === null || intent === null || (old?.id === instance.id && old.intent !== null)) return [];
  return [line("info", "instance.ending", { instance: instance.id }, { cause: intent.cause })];
}

function buriedLines(turned: Turned): readonly LogLine[] {
  const { after, now } = turned;
  const buried = buriedBy(turned);
  if (buried === null) return [];
  const { id, startedAt, size } = buried;
  const { lastInstance } = after;
  const proof = lastInstance?.id === id ? lastInstance.proof : "it was never started";
  const livedMs = startedAt === null ? 0 : now - startedAt;
  return [line("info", "instance.buried", { instance: id }, { proof, livedMs, size })];
}
