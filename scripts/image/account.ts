/** Rules about who runs, and what its environment tells. */

import { restsOf } from "./dockerfile.ts";
import type { Rule } from "./finding.ts";

/** The harness stays root, which alone can start a process as somebody else; agents have an account that is not. */
export const usersApart: Rule = (file) => {
  const all = restsOf(file, "RUN").join("\n");
  const user = file.env.get("HARNESS_AGENT_USER");
  return [
    ...restsOf(file, "USER").map(
      (rest) => `USER ${rest}: the harness could not start agents as somebody else`,
    ),
    ...(/\bsudo\b/u.test(all) ? ["sudo is a way to become root"] : []),
    ...(/chmod [^&\n]*[+u]s/u.test(all) ? ["a program of root's runs as root for everybody"] : []),
    ...(user === undefined ? [] : accountFaults(user, restsOf(file, "RUN"))),
  ];
};

function accountFaults(user: string, runs: readonly string[]): readonly string[] {
  const made = runs.find((run) => /\buseradd\b/u.test(run)) ?? "";
  const command = /\buseradd [^&]*/u.exec(made)?.[0] ?? "";
  const isTheirs = new RegExp(`--uid [1-9]\\d+ [^&]*(?<![\\w-])${user}\\s*$`, "u").test(command.trim());
  return [
    ...(isTheirs ? [] : [`no account ${user} with an id of its own is made`]),
    ...(/--groups|-G |--non-unique|-o |--password/u.test(command)
      ? [`${user} is given more than an account`]
      : []),
    // `useradd` gives ids by itself wherever /etc/subuid exists
    ...(/truncate --size=0 \/etc\/subuid \/etc\/subgid/u.test(made)
      ? []
      : [`${user} may keep subordinate ids`]),
  ];
}

export const noSecrets: Rule = ({ args, env }) =>
  [...args.keys(), ...env.keys()]
    .filter((name) => /SECRET|TOKEN|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|(?<!SSH)_KEY$/u.test(name))
    .map((name) => `${name} looks like a secret: arguments and environment are readable in the image`);

/** What would reach installs of a repository, or point every `docker` somewhere. */
export const environmentPlain: Rule = ({ env }, { readsVariable }) => [
  ...["NODE_ENV", "DOCKER_HOST"]
    .filter((name) => env.has(name))
    .map((name) => `${name} is set for all that runs`),
  ...[...env.keys()]
    .filter((name) => /^(?:HARNESS_|JOB_|WIREMOCK_|PORT$)/u.test(name) && !readsVariable(name))
    .map((name) => `${name} is read by nothing in container/`),
];
