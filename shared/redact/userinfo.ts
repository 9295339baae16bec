import { isPlaceholder } from "./placeholders.ts";
import { looksRandom } from "./randomness.ts";
import type { Rule } from "./rules.ts";

const maxUserinfoChars = 1_000;

/** `scheme://user:password@host`, of any scheme. */
export const userinfo: Rule = {
  marks: ["://"],
  open: (text) => {
    let [done, nextAt] = [0, 0];
    return (_, start) => {
      if (start < done || nextAt < 0 || text[start] === "@") return null;
      if (nextAt < start) nextAt = text.indexOf("@", start);
      if (nextAt < 0 || nextAt - start > maxUserinfoChars) return null;
      const length = userinfoLength(text.slice(start, start + maxUserinfoChars));
      if (length === 0) return null;
      done = start + length;
      return { start, end: done };
    };
  },
};

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
  const info = front.slice(0, at);
  const separator = info.indexOf(":");
  if (separator < 0) return looksRandom(info) ? at : 0;
  const [user, password] = [info.slice(0, separator), info.slice(separator + 1)];
  const isBare = password === "" || isPlaceholder(password);
  return isBare && !(user.length >= 12 && looksRandom(user)) ? 0 : at;
}
