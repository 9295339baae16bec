import { type Script, runCommand } from "../../../local/model/script.ts";
import { inTurn } from "./ears.ts";
import { everythingAt, type Planting, thatJsonKeeps, withoutPush } from "./planting.ts";
import { decoyOf, planted } from "./values.ts";

const { git, model } = planted;

/** Secrets in what git, the hosting service and the model say when they refuse. */
export const plantingsInRefusals: readonly Planting[] = [
  {
    place: "git-refusal",
    ends: "failed",
    error: "remote: git-refusal-",
    order: ({ standIns }) => {
      const reason = `${everythingAt("git-refusal", git, model)} sent to http://x-access-token:${git}@127.0.0.1/`;
      return standIns.git.refuse("push", { kind: "declined", reason });
    },
    job: (world, name, ears) => world.job(name, inTurn(ears, name, [commit(name)], "Done.")),
  },
  {
    place: "clone-url",
    ends: "failed",
    error: "not found",
    job: (world, name, ears) => {
      const decoy = encodeURIComponent(decoyOf("clone-url"));
      const url = new URL(world.standIns.git.repositoryUrl("holt", `missing-${decoy}`));
      url.username = "x-access-token";
      url.password = planted.clone;
      return world.job(name, inTurn(ears, name, [], "Never asked."), {
        repo: { owner: "holt", name: "missing", baseBranch: "main", cloneUrl: url.href },
      });
    },
  },
  {
    place: "host-refusal",
    ends: "failed",
    error: "Failed to open PR (HTTP 403): ",
    order: ({ standIns }) => {
      const message = `${thatJsonKeeps("host-refusal", git)} came as authorization: Bearer ${git}`;
      standIns.github.failNext({ status: 403, message, times: 2 });
      return () => undefined;
    },
    job: (world, name, ears) => world.job(name, inTurn(ears, name, [commit(name)], "Done.")),
  },
  {
    place: "model-refusal",
    ends: "failed",
    error: "model-refusal-",
    job: (world, name) => world.job(name, refusing("model-refusal")),
  },
  {
    place: "repair-refusal",
    ends: "done",
    error: "repair call failed: HTTP 401",
    job: (world, name) =>
      world.job(
        name,
        (conversation) =>
          conversation.stream
            ? { kind: "text", text: everythingAt("repair-refusal", git, model) }
            : refusing("repair-refusal")(conversation),
        { mode: "explore", output: { kind: "structured", repair: true }, ...withoutPush },
      ),
  },
];

function commit(name: string): ReturnType<typeof runCommand> {
  return runCommand(`echo ${name} >> README.md && git commit -qam 'Change a line'`);
}

/** A model that refuses in words which hold what it was sent. */
function refusing(place: string): Script {
  const message = `${thatJsonKeeps(place, git, model)} came as authorization: Bearer ${model}`;
  return () => ({ kind: "http-error", status: 401, message });
}
