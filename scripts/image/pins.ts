/** Rules about where things come from: each is named exactly, or checked by what it holds. */

import { contentsOf } from "./contents.ts";
import { commandsOf, type Dockerfile, expandArgs, restsOf } from "./dockerfile.ts";
import type { Rule } from "./finding.ts";

const exactVersion = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/u;
const debianVersion = /^(?:\d+:)?\d[\w.+~]*(?:-[\w.+~]+)?$/u;

/** The base is Node 24 on bookworm by digest, or our own image; an argument either way. */
export const basePinned: Rule = (file) =>
  restsOf(file, "FROM").flatMap((rest) => {
    const name = /^\$\{(\w+)\}$/u.exec(rest)?.[1];
    if (name === undefined) return [`FROM ${rest} is no argument`];
    const value = file.args.get(name) ?? "";
    if (name === "HARNESS_IMAGE") return value === "" ? [`${name} has no default`] : [];
    const isPinned = /^node:24-bookworm-slim@sha256:[0-9a-f]{64}$/u.test(value);
    return isPinned ? [] : [`${name} is not node:24-bookworm-slim with a digest: ${value}`];
  });

export const npmExact: Rule = (file) => {
  const items = contentsOf(file).filter(({ kind }) => kind === "npm");
  return items
    .filter(({ version }) => !exactVersion.test(version))
    .map(({ name, version }) => `npm package ${name} has no exact version: ${version || "none"}`);
};

/** An install script is run by name, or not at all. */
export const npmWithoutScripts: Rule = (file) =>
  commandsIn(file)
    .filter(([program, verb = ""]) => program === "npm" && ["install", "ci", "i", "add"].includes(verb))
    .filter((words) => !words.includes("--ignore-scripts"))
    .map((words) => `install scripts run in: ${words.join(" ")}`);

export const aptPinned: Rule = (file) => {
  const items = contentsOf(file).filter(({ kind, version }) => kind === "apt" && version !== "");
  const vague = items
    .filter(({ version }) => !debianVersion.test(version))
    .map(({ name, version }) => `package ${name} has no exact version: ${version}`);
  const installs = restsOf(file, "RUN").filter((run) => /apt-get .*\binstall\b/u.test(run));
  const careless = installs.flatMap((run) => [
    ...(run.includes("--no-install-recommends") ? [] : ["apt-get installs what it recommends"]),
    ...(run.includes("rm -rf /var/lib/apt/lists/*") ? [] : ["the lists of apt-get stay in the layer"]),
  ]);
  return [...vague, ...careless, ...foreignUnpinned(file)];
};

/** What is not Debian's comes from a repository that a RUN adds; there, what Docker publishes is named with a version. */
function foreignUnpinned(file: Dockerfile): readonly string[] {
  const foreign = /^(?:docker|containerd)/u;
  return contentsOf(file)
    .filter(({ kind, name, version }) => kind === "apt" && foreign.test(name) && version === "")
    .map(({ name }) => `package ${name} of another repository than Debian's has no version`);
}

/** What is fetched by its address is compared with a checksum in the same step; both are arguments. */
export const downloadsChecked: Rule = (file) => [
  ...restsOf(file, "ADD").map((rest) => `ADD takes what no checksum holds: ${rest}`),
  ...restsOf(file, "RUN")
    .filter((run) => commandsOf(run).some(([program]) => program === "curl" || program === "wget"))
    .flatMap((run) => downloadFaults(file, run)),
  ...restsOf(file, "RUN")
    .filter((run) => /(?:curl|wget)[^&;|]*\|\s*\w*sh\b/u.test(run))
    .map(() => "what was fetched goes straight into a shell"),
];

function downloadFaults({ args }: Dockerfile, run: string): readonly string[] {
  const address = commandsOf(run)
    .find(([program]) => program === "curl" || program === "wget")
    ?.find((word) => /^(?:https?:|\$)/u.test(word));
  const name = /^\$\{(\w+)\}$/u.exec(address ?? "")?.[1];
  if (name === undefined) return [`a download's address is no argument: ${address ?? "none"}`];
  const faults: string[] = [];
  if (!(args.get(name) ?? "").startsWith("https://")) faults.push(`${name} is no https address`);
  const sum = /echo "\$\{(\w+)\} /u.exec(run)?.[1];
  if (sum === undefined || !/\|\s*sha256sum (?:-c|--check)/u.test(run)) {
    faults.push(`what ${name} leads to is not compared with a checksum`);
  } else if (!/^[0-9a-f]{64}$/u.test(args.get(sum) ?? "")) faults.push(`${sum} is no sha256`);
  return faults;
}

/** The agents are those whose recorded runs the tests read, and what package.json names too has the version of there. */
export const versionsTested: Rule = (file, { testedAgents, dependencies }) =>
  contentsOf(file)
    .filter(({ kind }) => kind === "npm")
    .flatMap(({ name, version }) => {
      const recorded = testedAgents.get(name);
      const ofTests = recorded !== undefined && recorded.join() !== version;
      const inManifest = dependencies.get(name) ?? version;
      return [
        ...(ofTests ? [`${name} is ${version}, the recorded runs are of ${recorded.join(", ")}`] : []),
        ...(inManifest === version ? [] : [`${name} is ${version}, package.json says ${inManifest}`]),
      ];
    });

function commandsIn(file: Dockerfile): readonly (readonly string[])[] {
  return restsOf(file, "RUN").flatMap((run) => commandsOf(expandArgs(run, file.args)));
}
