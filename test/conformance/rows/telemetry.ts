/** Spans and follow-ups: handed over once, and what a lost answer costs. */

import { demand, demandSame } from "../demand.ts";
import { group } from "../row.ts";
import { behave, emit, reach, waitFor } from "../world/behaviour.ts";
import { piCall, piEnd, piMessage, piSession } from "../world/events.ts";
import { type FollowUp, type Span, readView } from "../world/job.ts";
import { type Kit, shared } from "../world/kit.ts";
import { field } from "./protocol.ts";

const end = emit(...piEnd(piMessage("told", { calls: ["bash", "read"] })));
const calls = emit(piSession, ...piCall("bash", { isError: true }), ...piCall("read", { callId: "call_1" }));
const followUp = (line: object, lineEnd = "\\n"): string =>
  `printf '%s${lineEnd}' '${JSON.stringify(line)}' >> .cat-follow-ups.jsonl`;

/** A job whose agent has called two tools and waits; nobody has read it. */
const calledTwice = (kit: Kit) =>
  kit.start({ mode: "explore", behaviour: behave(calls, reach("called"), waitFor("go"), end) });

/** One plain reader, from the first view to the last. */
const readOnce = shared(async (kit: Kit) => {
  const job = await calledTwice(kit);
  await job.place.wait("called");
  const first = await job.until(({ spans }) => spans !== undefined);
  const second = await job.view();
  await job.place.signal("go");
  const rest = await job.ended();
  return { first, second, last: rest.view, all: [...first.spans, ...(second.spans ?? []), ...rest.spans] };
});

const asked = shared(async (kit: Kit) => {
  const behaviour = behave(
    emit(piSession),
    followUp({ kind: "question", title: "Q?", detail: "d" }),
    "echo nonsense >> .cat-follow-ups.jsonl",
    followUp({ kind: "anything", title: " later ", suggestedAction: "do it" }),
    reach("asked"),
    waitFor("go"),
    followUp({ kind: "question", title: "Last?" }, ""),
    emit(...piEnd(piMessage("asked"))),
  );
  const job = await kit.start({ mode: "coding", behaviour, fields: { streamFollowUps: true } });
  await job.place.wait("asked");
  const running = await job.until(({ followUps }) => (followUps?.length ?? 0) > 0);
  const rest = running.followUps.length >= 2 ? [] : (await job.until(hasFollowUps)).followUps;
  const again = await job.view();
  await job.place.signal("go");
  const ended = await job.ended();
  return { early: [...running.followUps, ...rest], again, late: ended.followUps };
});

const hasFollowUps = ({ followUps }: { readonly followUps?: unknown }): boolean => followUps !== undefined;

export const telemetryRows = group("telemetry", [
  {
    id: "spans",
    title: "finished tool calls are told with their name, times and outcome",
    check: async (kit) => {
      const { first } = await readOnce(kit);
      demandSame("spans", first.spans.map(nameAndOutcome), ["bash false", "read true"]);
      demand(
        first.spans.every(({ startedAt, endedAt }) => startedAt <= endedAt),
        "times in order",
        first.spans,
      );
    },
  },
  {
    id: "spans-once",
    title: "a plain read takes spans; the next has none of them, nor has the end",
    check: async (kit) => {
      const { second, all } = await readOnce(kit);
      demand(second.spans === undefined, "no 'spans' when there is nothing new", second.spans);
      demandSame("spans of all views", all.map(nameAndOutcome), ["bash false", "read true"]);
    },
  },
  {
    id: "spans-attach",
    title: "a dispatch of the same id takes nothing from who reads",
    check: async (kit) => {
      const job = await calledTwice(kit);
      await job.place.wait("called");
      await job.post();
      await job.post();
      const { spans } = await job.until((view) => view.spans !== undefined);
      await job.place.signal("go");
      await job.ended();
      demandSame("spans", spans.map(nameAndOutcome), ["bash false", "read true"]);
    },
  },
  {
    id: "follow-ups",
    title: "follow-ups are told while the agent works, lines that are none left out",
    check: async (kit) => {
      const { early } = await asked(kit);
      demandSame("follow-ups", early.map(kindAndTitle), ["question Q?", "follow_up later"]);
      demandSame("suggestedAction", early[1] && field(early[1], "suggestedAction"), "do it");
    },
  },
  {
    id: "follow-ups-once",
    title: "a plain read takes follow-ups",
    check: async (kit) => {
      const { again, early, late } = await asked(kit);
      demand(again.followUps === undefined, "no 'followUps' when there is nothing new", again.followUps);
      const told = new Set(early.map(kindAndTitle));
      demandSame(
        "told again at the end",
        late.map(kindAndTitle).filter((one) => told.has(one)),
        [],
      );
    },
  },
  {
    id: "follow-up-without-line-end",
    title: "the last follow-up counts, though no line end follows it",
    defects: [34],
    check: async (kit) => {
      const { late } = await asked(kit);
      const told = late.map(kindAndTitle);
      demand(told.includes("question Last?"), "the last follow-up at the end", told);
    },
  },
  {
    id: "lost-answer",
    title: "what a lost answer had handed over can be read again, with ?after=<cursor>",
    defects: [29],
    check: async (kit) => {
      const job = await calledTwice(kit);
      await job.place.wait("called");
      await job.until(({ spans }) => spans !== undefined);
      const again = [await job.read("?after=0"), await job.read("?after=0")].map(readView);
      await job.place.signal("go");
      await job.ended();
      for (const { spans = [] } of again)
        demandSame("spans", spans.map(nameAndOutcome), ["bash false", "read true"]);
      demand(typeof field(again[0], "cursor") === "string", "a cursor for the next read", again[0]);
    },
  },
]);

function nameAndOutcome({ tool, ok }: Span): string {
  return `${tool} ${ok}`;
}

function kindAndTitle({ kind, title }: FollowUp): string {
  return `${kind} ${title}`;
}
