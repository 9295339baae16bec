import { type Rule, capture } from "./rules.ts";
import { isCode, isPlaceholder } from "./placeholders.ts";
import { looksRandom } from "./randomness.ts";

/** What a credential scheme's name is followed by. */
const scheme = capture({
  marks: ["bearer", "basic", "token", "digest", "negotiate", "apikey"],
  pattern:
    /(?<![A-Za-z0-9_])(?:bearer|basic|token|digest|negotiate|apikey)(?:[ \t]|%20|\+){1,4}([A-Za-z0-9._~+/=:%-]{8,})/iy,
  secretIn: (value) => (looksRandom(value) ? value : ""),
});

/** The whole value of a header that carries nothing but a credential. */
const header = capture({
  marks: ["authorization"],
  pattern:
    /authorization\\{0,3}["']?[ \t]{0,4}[:=,][ \t]{0,4}\\{0,3}["']?(?:[A-Za-z0-9_-]{1,24}(?:[ \t]{1,4}|(?=[^A-Za-z0-9_-])))?([^\s"'\\,;<>{}()$]{4,})/iy,
  secretIn: (value) => (looksRandom(value) ? value : ""),
});

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

/** SQL's `IDENTIFIED BY '…'`, `ConvertTo-SecureString '…'`, a line `requirepass …` of Redis. */
const spelledOut = capture({
  marks: ["identified by", "requirepass", "convertto-securestring"],
  pattern:
    /(?:(?:identified[ \t]by|convertto-securestring)[ \t]{1,4}'([^'\r\n]{4,200})|(?<=^|\n|--)requirepass[ \t]{1,4}([^\s"'-][^\s"']{3,200}))/iy,
  secretIn: password,
});

/** `netrc`: `login name password value`, on one line. */
const netrc = capture({
  marks: ["login"],
  pattern: /login[ \t]{1,8}\S{1,100}[ \t]{1,8}(?:password|passwd)[ \t]{1,8}(\S{3,300})/iy,
  secretIn: (value) => (isPlaceholder(value) ? "" : value),
});

/** `jdbc:oracle:thin:user/password@…`. */
const oracle = capture({
  marks: ["jdbc:oracle:thin:"],
  pattern: /jdbc:oracle:thin:[^\s/@"']{1,80}\/([^\s@"']{3,200})(?=@)/iy,
  secretIn: password,
});

/** `echo value | docker login --password-stdin`: the flag stands behind the value. */
const piped: Rule = {
  marks: ["password-stdin", "--with-token", "--stdin"],
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

export const credentialRules: readonly Rule[] = [
  scheme,
  header,
  userFlag,
  mysqlFlag,
  toolFlags,
  spelledOut,
  netrc,
  oracle,
  piped,
];
