import { isCode, isPlaceholder, looksRandom } from "./values.ts";
import type { Finder, Span } from "./spans.ts";

/** `scheme://user:password@host`, of any scheme. */
export const findUserinfo: Finder = (text) => {
  const spans: Span[] = [];
  let nextAt = 0;
  let start = text.indexOf("://") + 3;
  while (start >= 3) {
    if (nextAt < start) nextAt = text.indexOf("@", start);
    if (nextAt < 0) break;
    const isNear = nextAt - start <= maxUserinfoChars;
    const length = isNear ? userinfoLength(text.slice(start, start + maxUserinfoChars)) : 0;
    if (length > 0) spans.push({ start, end: start + length });
    start = text.indexOf("://", start + length) + 3;
  }
  return spans;
};

const maxUserinfoChars = 1_000;

/**
 * A password may hold `@`, `/` and `:` that were not escaped: it ends at the last `@` before the query. An `@` behind a
 * slash begins a scope, as in `/@scope/name`.
 */
function userinfoLength(rest: string): number {
  const front = /^[^\s"'`<>\\,;|(){}?#]*/.exec(rest)?.[0] ?? "";
  const slash = front.indexOf("/");
  const authority = slash < 0 ? front : front.slice(0, slash);
  const hasPassword = authority.includes(":") && !/^[^:@]*:\d{1,5}$/.test(authority);
  const ats = hasPassword ? front.replaceAll("/@", "/ ") : authority;
  const at = ats.lastIndexOf("@");
  if (at <= 0) return 0;
  const userinfo = front.slice(0, at);
  const separator = userinfo.indexOf(":");
  if (separator < 0) return looksRandom(userinfo) ? at : 0;
  const [user, password] = [userinfo.slice(0, separator), userinfo.slice(separator + 1)];
  const isBare = password === "" || isPlaceholder(password);
  return isBare && !(user.length >= 12 && looksRandom(user)) ? 0 : at;
}

/** What a credential scheme's name is followed by. */
const scheme =
  /\b(?:bearer|basic|token|digest|negotiate|apikey)(?:[ \t]|%20|\+){1,4}([A-Za-z0-9._~+/=:%-]{8,})/gi;
/** The whole value of a header that carries nothing but a credential. */
const header =
  /\b(?:proxy-)?authorization\\{0,3}["']?[ \t]{0,4}[:=,][ \t]{0,4}\\{0,3}["']?([A-Za-z0-9_-]{1,24}(?:[ \t]{1,4}|(?=[^A-Za-z0-9_-])))?([^\s"'\\,;<>{}()$]{4,})/gi;
const cookie = /\bcookie2?\\{0,3}["']?[ \t]{0,4}[:=][ \t]{0,4}\\{0,3}["']?([^"'\r\n\\]{3,4096})/gi;
/** `curl -u user:password`, `mysql -ppassword`, `netrc`. */
const userFlag =
  /(?:^|[\s"'])(?:-u|--user|--proxy-user|-U)[ =]{0,2}\\?["']?([^\s:"'\\]{1,80}):([^\s"'\\]{3,200})/g;
const mysqlFlag = /\bmysql\w{0,8}[ \t][^\r\n]{0,200}?[ \t]-p([^\s"'-]\S{3,200})/g;
const netrc = /\blogin[ \t]{1,8}\S{1,100}[ \t]{1,8}password[ \t]{1,8}(\S{3,300})/g;

export const findHeaders: Finder = (text) => [
  ...captures(text, scheme, 1, (value) => looksRandom(value)),
  ...captures(text, header, 2, (value) => value.length >= 8 && looksRandom(value)),
  ...captures(text, userFlag, 2, (value) => !isPlaceholder(value) && !isCode(value)),
  ...captures(text, mysqlFlag, 1, (value) => looksRandom(value)),
  ...captures(text, netrc, 1, (value) => !isPlaceholder(value)),
  ...cookieValues(text),
];

function captures(
  text: string,
  pattern: RegExp,
  group: number,
  isSecret: (value: string) => boolean,
): readonly Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(pattern)) {
    const value = match[group] ?? "";
    // The value is the match's last part in every pattern here.
    const end = match.index + match[0].length;
    if (isSecret(value)) spans.push({ start: end - value.length, end });
  }
  return spans;
}

/** Attributes of a Set-Cookie header, which are no secrets. */
const cookieAttributes = /^(?:path|domain|expires|max-age|samesite|priority)$/i;

function cookieValues(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(cookie)) {
    const list = match[1] ?? "";
    const offset = match.index + match[0].length - list.length;
    for (const pair of list.matchAll(/([^=;\s]{1,100})=([^;\s]{3,})/g)) {
      const [whole, name = "", value = ""] = pair;
      if (cookieAttributes.test(name) || isPlaceholder(value) || isCode(value)) continue;
      const end = offset + pair.index + whole.length;
      spans.push({ start: end - value.length, end });
    }
  }
  return spans;
}
