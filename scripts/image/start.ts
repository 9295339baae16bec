/** Rules about what is copied and what is started, and that the two images start the same. */

import { readDockerfile } from "../../local/engine/dockerfile.ts";
import { type Dockerfile, restsOf } from "./dockerfile.ts";
import type { Rule } from "./finding.ts";

export const copiesArrive: Rule = (file, { exists, reachesBuilder }) => [
  ...restsOf(file, "COPY").flatMap((rest) =>
    rest
      .split(/\s+/u)
      .slice(0, -1)
      .filter((word) => !word.startsWith("--"))
      .flatMap((source) => [
        ...(source === "." || source.startsWith("..") ? [`COPY ${source} takes more than it names`] : []),
        ...(exists(source) ? [] : [`COPY ${source}: there is no such path`]),
        ...(reachesBuilder(source) ? [] : [`COPY ${source}: .dockerignore keeps it back`]),
      ]),
  ),
  ...restsOf(file, "RUN")
    .flatMap((run) => [...run.matchAll(/\bln -s \/app\/(\S+)/gu)].map(([, path = ""]) => path))
    .filter((path) => !exists(path))
    .map((path) => `a link to ${path}, which does not exist`),
];

/** As arguments, not through a shell: signals reach what is started. */
export const startIsExec: Rule = (file, { exists }) => {
  const entrypoints = restsOf(file, "ENTRYPOINT");
  const cmds = restsOf(file, "CMD");
  const lines = [...entrypoints, ...cmds];
  const plan = readDockerfile(file.text);
  const programs = [plan.entrypoint, plan.cmd].map((words) =>
    words.find((word) => /\.(?:sh|ts)$/u.test(word)),
  );
  return [
    ...(entrypoints.length === 1 && cmds.length === 1 ? [] : ["there is not one ENTRYPOINT and one CMD"]),
    ...lines.filter((line) => !line.startsWith("[")).map((line) => `a shell is between: ${line}`),
    ...programs
      .filter((path) => path !== undefined && !exists(path))
      .map((path) => `${path ?? ""} is started and does not exist`),
  ];
};

/** The port that is exposed, that the harness is told, and that the process engine reads are one. */
export const portsAgree: Rule = (file) => {
  const exposed = restsOf(file, "EXPOSE");
  const told = file.env.get("PORT") ?? "8080";
  const { port } = readDockerfile(file.text);
  const agree = exposed.join() === told && String(port) === told;
  return agree ? [] : [`exposed ${exposed.join() || "nothing"}, PORT ${told}, the engine reads ${port}`];
};

/** What Node compiled while the image was built is found again: the same environment, with everything in its place. */
export const cacheIsWarm: Rule = (file) => {
  const at = (keyword: string, text: string): number =>
    file.instructions.findIndex((each) => each.keyword === keyword && each.rest.includes(text));
  const warmed = at("RUN", "node container/main.ts");
  if (at("ENV", "NODE_COMPILE_CACHE") < 0) return warmed < 0 ? [] : ["the harness is started for no cache"];
  const before = [at("ENV", "NODE_COMPILE_CACHE"), at("ENV", "HARNESS_AGENT_USER"), at("COPY", "container")];
  return before.every((index) => index >= 0 && index < warmed) ? [] : ["NODE_COMPILE_CACHE is never filled"];
};

/** What an image that stands on another must leave as it is. */
export function startsAlike(base: Dockerfile, top: Dockerfile): readonly string[] {
  const [below, above] = [readDockerfile(base.text), readDockerfile(top.text)];
  const differs = (["entrypoint", "cmd", "workdir", "port"] as const).filter(
    (key) => JSON.stringify(below[key]) !== JSON.stringify(above[key]),
  );
  const replaced = [...top.env.keys()].filter((name) => base.env.has(name));
  return [
    ...differs.map((key) => `its ${key} is not that of ${base.path}`),
    ...replaced.map((name) => `${name} is set in ${base.path} already`),
  ];
}
