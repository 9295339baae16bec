/** What is served has no secret in it, and the agent finds none of the harness's. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { demand, demandSame } from "../demand.ts";
import { group } from "../row.ts";
import { behave, emit } from "../world/behaviour.ts";
import { piCall, piEnd, piMessage, piSession } from "../world/events.ts";
import { type Kit, shared } from "../world/kit.ts";

const shaped = "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB";
const assigned = "hunter2hunter2";

/** Prints its own session token, and secrets of known shapes, wherever an agent can. */
const talkative = shared((kit: Kit) => {
  const { session, git } = kit.tokens;
  return kit.run({
    mode: "coding",
    behaviour: behave(
      emit(piSession, ...piCall("todo", { details: { tasks: [{ subject: `use ${session}` }] } })),
      `printf '%s\\n' '{"kind":"question","title":"May I use ${git}?","detail":"${session}"}' >> .cat-follow-ups.jsonl`,
      emit(...piEnd(piMessage(`I found ${session} and ${git}.`))),
      `echo 'boom ${shaped} SECRET_TOKEN=${assigned}' >&2`,
      `echo 'Authorization: Bearer ${session}' >&2`,
      "exit 3",
    ),
    fields: { streamFollowUps: true },
  });
});

const environmentSeen = shared((kit: Kit) =>
  kit.run({ mode: "explore", behaviour: behave(emit(piSession, ...piEnd(piMessage("seen")))) }),
);

export const secretRows = group("secrets", [
  {
    id: "redaction-shapes",
    title: "tokens of known shapes and values of telling names are masked in an error",
    check: async (kit) => {
      const { view, text } = await talkative(kit);
      demandSame("state", view.state, "failed");
      demand(view.error?.includes("boom") === true, "the agent's last words", view.error);
      for (const secret of [shaped, assigned]) demand(!text.includes(secret), "no secret in the view", text);
    },
  },
  {
    id: "redaction-known",
    title: "the job's own tokens are masked in everything that is served",
    kind: "beyond",
    check: async (kit) => {
      const { text, followUps, view } = await talkative(kit);
      const served = `${text} ${JSON.stringify(followUps)}`;
      demandSame("what is served", [view.progress !== undefined, followUps.length > 0], [true, true]);
      for (const [name, token] of Object.entries(kit.tokens))
        demand(!served.includes(token), `no ${name} token in what is served`, served);
    },
  },
  {
    id: "environment",
    title: "the agent sees nothing of the harness's own environment",
    defects: [45],
    check: async (kit) => {
      const { job } = await environmentSeen(kit);
      const seen = (await job.place.read("env")) ?? "";
      const names = seen.split("\n").filter((line) => /^(?:HARNESS_|JOB_|GITHUB_)/.test(line));
      demandSame("variables of the harness", names, []);
      const { secret } = kit;
      demand(secret === undefined || !seen.includes(secret), "no shared secret", "the shared secret");
    },
  },
  {
    id: "linked-context",
    title: "linked files are not written through a link of the repository's",
    defects: [46],
    check: async (kit) => {
      const job = await kit.plan({
        mode: "explore",
        behaviour: behave(emit(piSession, ...piEnd(piMessage("seen")))),
        fields: { contextFiles: [{ path: "planted.md", content: "planted\n" }] },
      });
      const branch = kit.fresh("link");
      const links = { ".cat-context": job.place.path };
      await kit.repositories.branch({ name: branch, from: "main", files: {}, links });
      await job.post({ branch });
      await job.ended();
      demand(!existsSync(join(job.place.path, "planted.md")), "nothing behind the link", "planted.md");
    },
  },
]);
