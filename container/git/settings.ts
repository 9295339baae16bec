/**
 * How git is told to trust nothing: settings of the command line win over those of any repository, and system, user
 * and template files are not read at all.
 */

/** Whom GitHub and GitLab take a token's bearer for. */
export const tokenUser = "x-access-token";

/** Oddities of old histories that git's strict check would refuse; none of them can make git do anything. */
const harmlessOddities = [
  "badDate",
  "badDateOverflow",
  "badEmail",
  "badFilemode",
  "badName",
  "badTagName",
  "badTimezone",
  "emptyName",
  "gitmodulesParse",
  "missingEmail",
  "missingNameBeforeEmail",
  "missingSpaceBeforeDate",
  "missingSpaceBeforeEmail",
  "missingTaggerEntry",
  "multipleAuthors",
  "nullSha1",
  "zeroPaddedDate",
  "zeroPaddedFilemode",
] as const;

const settings: ReadonlyArray<readonly [string, string]> = [
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["core.attributesFile", "/dev/null"],
  ["core.askPass", ""],
  ["credential.helper", ""],
  // a redirect's address has no name in it, and askpass knows no question but the one for this name's password
  ["credential.username", tokenUser],
  ["protocol.allow", "never"],
  ["init.templateDir", ""],
  ["init.defaultBranch", "main"],
  ["advice.detachedHead", "false"],
  ["commit.gpgSign", "false"],
  ["push.gpgSign", "false"],
  ["submodule.recurse", "false"],
  ["fetch.recurseSubmodules", "false"],
  ["push.recurseSubmodules", "no"],
  // a renamed repository answers its first request with its new place; later redirects have no such reason
  ["http.followRedirects", "initial"],
  ["transfer.bundleURI", "false"],
  ["transfer.fsckObjects", "true"],
  ["fetch.fsckObjects", "true"],
  ...harmlessOddities.map((id) => [`fetch.fsck.${id}`, "ignore"] as const),
  // a background process would outlive the command and hold the folder
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
];

export const gitSettings: readonly string[] = settings.flatMap(([key, value]) => ["-c", `${key}=${value}`]);

/** The fixed part of git's environment; `home` is a folder without any configuration. */
export function gitEnvironment(home: string): Readonly<Record<string, string>> {
  return {
    HOME: home,
    XDG_CONFIG_HOME: home,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: `${home}/gitconfig`,
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_PROTOCOL_FROM_USER: "0",
    GIT_LFS_SKIP_SMUDGE: "1",
    // texts are compared and shown as git has them in English
    LC_ALL: "C.UTF-8",
  };
}
