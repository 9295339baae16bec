import { isCode, isPlaceholder } from "./placeholders.ts";
import { looksRandom } from "./randomness.ts";
import { type Rule, capture } from "./rules.ts";

/** What is given to commands that take a password by no flag that says so. */

const isPassword = (value: string): boolean => !isPlaceholder(value) && !isCode(value);
const password = (value: string): string => (isPassword(value) ? value : "");

/** `curl -u user:password`; `docker -u 1000:1000` and `--user node:node` are accounts. */
const userFlag = capture({
  marks: ["-u", "--user", "--proxy-user"],
  pattern:
    /(?<![^\s"'])(?:-u|--user|--proxy-user)[ \t=]{0,2}\\?(?:"([^\s:"\\]{1,80}:[^"\\\r\n]{3,200})|'([^\s:'\\]{1,80}:[^'\\\r\n]{3,200})|([^\s:"'\\]{1,80}:[^\s"'\\]{3,200}))/y,
  secretIn: (pair) => {
    const separator = pair.indexOf(":");
    const [user, rest] = [pair.slice(0, separator), pair.slice(separator + 1)];
    if (!isPassword(rest) || /^(?:\d{1,6}|[a-z]{1,9})$/.test(rest)) return "";
    return user.length >= 12 && looksRandom(user) ? pair : rest;
  },
});

/** `mysql -ppassword`. */
const mysqlFlag = capture({
  marks: ["mysql", "mariadb"],
  pattern: /(?<![A-Za-z0-9_])[A-Za-z]{5,7}\w{0,8}[ \t][^\r\n]{0,200}?[ \t]-p["']?([^\s"'-][^\s"']{3,200})/y,
  secretIn: password,
});

/** Commands and the flag that a password stands behind. */
const passwordFlags: ReadonlyArray<readonly [command: string, flag: string]> = [
  ["ldapsearch", "-w"],
  ["unzip", "-P"],
  ["az login", "-p"],
  ["mongosh", "-p"],
  ["mongodump", "-p"],
  ["twine upload", "-p"],
];
const commandFlags: readonly Rule[] = passwordFlags.map(([command, flag]) =>
  capture({
    marks: [command],
    pattern: new RegExp(
      `${command.replace(" ", "[ \\t]{1,4}")}[ \\t][^\\r\\n|]{0,160}?(?<=[ \\t])${flag}[ \\t]{1,4}["']?([^\\s"'$-][^\\s"']{3,200})`,
      "y",
    ),
    secretIn: password,
  }),
);

/** What a command is given by itself: noise, since the same words stand in sentences. */
const commandArgument = capture({
  marks: ["cargo login", "vault login", "pypi-token.", "github-oauth.", "config set", "htpasswd -"],
  pattern:
    /(?:(?:cargo|vault)[ \t]login|pypi-token\.[\w.-]{1,40}|github-oauth\.[\w.-]{1,60}|htpasswd[ \t]-\w{0,4}b\w{0,4}[ \t]\S{1,80}[ \t]\S{1,60}|config[ \t]set[ \t][\w.-]{1,60}[ \t]\w{1,40}:)[ \t]{0,4}([^\s"'$-][^\s"']{7,200})/y,
  secretIn: (value) => (looksRandom(value) && isPassword(value) ? value : ""),
});

/** `sshpass -p password`, `redis-cli -a password`, `docker login -u me -p password`, `openssl … -passin pass:…`. */
const toolFlags = capture({
  marks: [
    "sshpass -p",
    "redis-cli",
    "docker login",
    "registry login",
    "podman login",
    "-passin pass:",
    "-passout pass:",
  ],
  pattern:
    /(?:sshpass[ \t]-p[ \t]?|-pass(?:in|out)[ \t]pass:|redis-cli[ \t][^\r\n|]{0,120}?-a[ \t]|(?:docker|registry|podman)[ \t]login[ \t][^\r\n|]{0,120}?-p[ \t])["']?([^\s"'$-][^\s"']{3,200})/y,
  secretIn: password,
});

/** `echo value | docker login --password-stdin`: the flag stands behind the value. */
const piped: Rule = {
  marks: ["password-stdin", "--with-token", "--stdin", "secret put", "sudo -s", "chpasswd"],
  open: (text) => (start) => {
    const before = text.slice(Math.max(0, start - 512), start);
    const match =
      /\b(?:echo|printf)[ \t]+(?:-n[ \t]+|["']?%s["']?[ \t]+)?(["']?)([^\s"'|$]{4,200})\1[ \t]*\|[^|\r\n]*$/.exec(
        before,
      );
    if (match === null || !isPassword(match[2] ?? "")) return null;
    const at = start - before.length + match.index + match[0].indexOf(match[2] ?? "");
    return { start: at, end: at + (match[2] ?? "").length };
  },
};

export const commandRules: readonly Rule[] = [
  userFlag,
  mysqlFlag,
  ...commandFlags,
  commandArgument,
  toolFlags,
  piped,
];
