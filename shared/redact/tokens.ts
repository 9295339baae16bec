import { type Rule, capture } from "./rules.ts";
import { clouds } from "./tokens/clouds.ts";
import { encodedRules } from "./tokens/encoded.ts";
import { forges } from "./tokens/forges.ts";
import type { Issued } from "./tokens/issuer.ts";
import { models } from "./tokens/models.ts";
import { services } from "./tokens/services.ts";
import { isWordStart, tokenSpan } from "./tokens/shape.ts";

type Body = { readonly pattern: RegExp; readonly isAnywhere: boolean };

const groups = [forges, models, clouds, services];
const bodies: ReadonlyMap<string, readonly Body[]> = bodiesByHead();

function bodiesByHead(): ReadonlyMap<string, readonly Body[]> {
  const byHead = new Map<string, Body[]>();
  const add = (issued: readonly Issued[], isAnywhere: boolean): void => {
    for (const [heads, body] of issued) {
      const pattern = new RegExp(body, "y");
      for (const head of heads.split(" "))
        byHead.set(head, [...(byHead.get(head) ?? []), { pattern, isAnywhere }]);
    }
  };
  for (const { anywhere, atWordStart } of groups) {
    add(anywhere, true);
    add(atWordStart, false);
  }
  return byHead;
}

/** Tokens that say what they are by a prefix. */
const prefixed: Rule = {
  marks: [...new Set([...bodies.keys()].map((head) => head.toLowerCase()))],
  open: (text) => {
    let done = 0;
    return (start, end) => {
      if (start < done) return null;
      for (const { pattern, isAnywhere } of bodies.get(text.slice(start, end)) ?? []) {
        if (!isAnywhere && !isWordStart(text, start)) continue;
        pattern.lastIndex = end;
        if (!pattern.test(text)) continue;
        done = pattern.lastIndex;
        return tokenSpan(text, start, done);
      }
      return null;
    };
  },
};

/** Tokens whose mark stands in their middle or at their end: what may stand before it, and what follows. */
const around: ReadonlyArray<readonly [mark: string, before: string, after: string]> = [
  [".webhook.office.com/webhookb2/", "[A-Za-z0-9.-]{1,60}", "[A-Za-z0-9@/-]{20,400}"],
  [":A", "\\d{5,16}", "[A-Za-z0-9_-]{34}(?![A-Za-z0-9_-])"],
  [".atlasv1.", "[A-Za-z0-9]{14}", "[A-Za-z0-9=_-]{60,90}"],
  ["-us", "[a-f0-9]{32}", "[0-9]{1,2}"],
  ["_mmk", "[A-Za-z0-9]{6}_[A-Za-z0-9]{29}", ""],
  ["|", "\\d{15,16}", "[A-Za-z0-9_-]{27,40}(?![A-Za-z0-9_-])"],
  ["Q~", "[A-Za-z0-9_~.]{3}\\d", "[A-Za-z0-9_~.-]{30,40}"],
  ["|", "(?:prod|dev|preview|project):[a-z0-9:-]{4,60}", "[A-Za-z0-9+/]{60,}={0,2}"],
  [":APA91b", "[A-Za-z0-9_-]{11,30}", "[A-Za-z0-9_-]{120,}"],
  ["JQQJ99", "[A-Za-z0-9]{50,60}", "[A-Za-z0-9]{10,40}"],
  ["AZDO", "[A-Za-z0-9]{76}", "[A-Za-z0-9]{4}(?![A-Za-z0-9])"],
];
/** Keys of Azure say in their middle which service they are for. */
const azureMarks = [
  "AzFu",
  "AzSe",
  "AzCa",
  "+ACR",
  "+ASt",
  "ACDb",
  "+ABa",
  "+AMC",
  "AIoT",
  "+ASb",
  "+AEh",
  "+ARm",
];
const maxBefore = 80;

const azureKeys = azureMarks.map(
  (mark) => [mark, "[A-Za-z0-9_/+-]{33,80}", "[A-Za-z0-9_/+-]{5,10}={0,2}(?![A-Za-z0-9_/+=-])"] as const,
);

const surrounded: readonly Rule[] = [...around, ...azureKeys].map(([mark, before, after]) => {
  const head = new RegExp(`${before}$`);
  const tail = new RegExp(after, "y");
  return {
    marks: [mark.toLowerCase()],
    open: (text) => (start, end) => {
      if (!text.startsWith(mark, start)) return null;
      tail.lastIndex = end;
      if (!tail.test(text)) return null;
      const behind = tail.lastIndex;
      const found = head.exec(text.slice(Math.max(0, start - maxBefore), start));
      const first = start - (found?.[0].length ?? 0);
      return found === null || !isWordStart(text, first) ? null : tokenSpan(text, first, behind);
    },
  };
});

/** A token in base64 in base64: `ZXlK` is how `eyJ` is written. */
const doubled = capture({
  marks: ["zxlk"],
  pattern: /(ZXlK[A-Za-z0-9+/_-]{40,}={0,2})/y,
  secretIn: (value) => value,
});

export const tokenRules: readonly Rule[] = [prefixed, doubled, ...encodedRules, ...surrounded];
