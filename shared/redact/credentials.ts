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

const password = (value: string): string => (isPlaceholder(value) || isCode(value) ? "" : value);

/** `.pgpass`: `host:5432:database:user:password`. */
const pgpass = capture({
  marks: [":5432:"],
  pattern: /:5432:[^:\s]{1,60}:[^:\s]{1,60}:([^\s:"']{4,200})/y,
  secretIn: password,
});

/** SQL's `IDENTIFIED BY '…'`, `ConvertTo-SecureString '…'`, a line `requirepass …` of Redis. */
const spelledOut = capture({
  marks: ["identified by", "requirepass", "convertto-securestring"],
  pattern:
    /(?:(?:identified[ \t]by|convertto-securestring)[ \t]{1,4}(?:-string[ \t]{1,4})?(?:'([^'\r\n]{4,200})|"([^"\r\n$]{4,200}))|(?<=^|\n|--)requirepass[ \t]{1,4}([^\s"'-][^\s"']{3,200}))/iy,
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

export const credentialRules: readonly Rule[] = [scheme, header, pgpass, spelledOut, netrc, oracle];
