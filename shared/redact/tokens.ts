import type { Finder, Span } from "./spans.ts";

/**
 * Tokens that say themselves what they are, by a prefix their issuer chose. Every pattern is one run of one class behind
 * a literal prefix, so that no text makes it backtrack.
 */

/** Prefixes that occur nowhere else: they count wherever they stand, glued to other text or not. */
const distinctive = [
  // GitHub; `ghs_<app>_<jwt>` has dots and hyphens and some 520 characters.
  "gh[pousr]_[A-Za-z0-9._-]{16,}",
  "github_pat_[A-Za-z0-9_]{16,}",
  "gl(?:pat|dt|rt|rtr|ptt|ft|oat|soat|imt|agent|cbt|ffct|wt)-[A-Za-z0-9_.=-]{12,}",
  "GR1348941[A-Za-z0-9_-]{16,}",
  "_gitlab_session=[A-Za-z0-9]{16,}",
  // Model providers.
  "sk-(?:ant|proj|svcacct|admin|or|lf)-[A-Za-z0-9_-]{12,}",
  "gsk_[A-Za-z0-9]{20,}",
  "xai-[A-Za-z0-9_-]{20,}",
  "pplx-[A-Za-z0-9]{20,}",
  "AIza[A-Za-z0-9_-]{30,}",
  "ya29\\.[A-Za-z0-9_-]{16,}",
  "bedrock-api-key-[A-Za-z0-9+/=]{12,}",
  "ABSK[A-Za-z0-9+/]{60,}={0,2}",
  // Registries and hosting.
  "npm_[A-Za-z0-9]{20,}",
  "pypi-[A-Za-z0-9_-]{20,}",
  "rubygems_[a-f0-9]{30,}",
  "CLOJARS_[A-Za-z0-9]{40,}",
  "dckr_(?:pat|oat)_[A-Za-z0-9_-]{16,}",
  "xox[abeoprs](?:\\.xox[bp])?-[A-Za-z0-9-]{8,}",
  "xapp-[A-Za-z0-9-]{12,}",
  "do[opr]_v1_[a-f0-9]{40,}",
  "cfat_[A-Za-z0-9_-]{20,}",
  "shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{20,}",
  "sntry[su]_[A-Za-z0-9+/=_-]{30,}",
  "gl(?:c|sa)_[A-Za-z0-9+/=_]{20,}",
  "hv[bsr]\\.[A-Za-z0-9_-]{20,}",
  "pscale_(?:pw|tkn|oauth)_[A-Za-z0-9=._-]{20,}",
  "lin_api_[A-Za-z0-9]{20,}",
  "figd_[A-Za-z0-9_-]{20,}",
  "ATATT3[A-Za-z0-9_=-]{40,}",
  "AGE-SECRET-KEY-1[A-Z0-9]{40,}",
  "ops_eyJ[A-Za-z0-9+/=]{40,}",
  "PMAK-[A-Za-z0-9-]{30,}",
  "dp\\.(?:pt|st|ct|sa|scim|audit)\\.[A-Za-z0-9._-]{20,}",
  "xkeysib-[A-Za-z0-9-]{40,}",
  "shippo_(?:live|test)_[a-f0-9]{30,}",
  "duffel_(?:live|test)_[A-Za-z0-9_=-]{30,}",
  "FLW(?:SEC|PUB)K_TEST-[a-hA-H0-9X-]{12,}",
  "sk_(?:live|test|prod)_[A-Za-z0-9]{10,}",
  "rk_(?:live|test|prod)_[A-Za-z0-9]{10,}",
  "sq0(?:atp|csp)-[A-Za-z0-9_-]{20,}",
  "SG\\.[A-Za-z0-9=_.-]{50,}",
  "HRKU-[A-Za-z0-9_-]{20,}",
  "NR(?:AK|II|JS)-[A-Za-z0-9-]{16,}",
  "CFPAT-[A-Za-z0-9_-]{30,}",
  "EZ[AT]K[A-Za-z0-9]{40,}",
  "tfp_[A-Za-z0-9_.=-]{40,}",
  "sgp_(?:[A-Fa-f0-9]{16}_|local_)?[A-Fa-f0-9]{36,}",
  "dapi[a-f0-9]{32}(?:-\\d)?",
  "pul-[a-f0-9]{40}",
  "pnu_[A-Za-z0-9]{30,}",
  "rdme_[a-z0-9]{60,}",
  "fio-u-[A-Za-z0-9=_-]{60,}",
  "sha256~[A-Za-z0-9_-]{40,}",
  "tk-us-[A-Za-z0-9_-]{40,}",
  "shop_sk_[A-Za-z0-9_-]{20,}",
  "secret_[A-Za-z0-9]{40,}",
  "ntn_[A-Za-z0-9]{40,}",
  "nvapi-[A-Za-z0-9_-]{40,}",
  "v1\\.0-[a-f0-9]{24}-[a-f0-9]{100,}",
  "A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}",
  "gloas-[A-Za-z0-9_-]{40,}",
  "s-s4t2(?:af|ud)-[a-f0-9]{40,}",
  "sm_(?:pat|aat|sat)_[A-Za-z0-9]{12,}",
  "AKCp[A-Za-z0-9]{50,}",
  "eyJrIjoi[A-Za-z0-9+/=]{40,}",
  "hooks\\.slack\\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{20,}",
  "discord(?:app)?\\.com/api/webhooks/\\d{10,}/[A-Za-z0-9_-]{20,}",
];

/** Prefixes that occur inside other words, so they count at the start of one: the prefix, and what follows it. */
const atStart: ReadonlyArray<readonly [head: string, body: string]> = [
  ["sk-", "[A-Za-z0-9_-]{20,}"],
  ["A3T[A-Z0-9]", "[A-Z0-9]{12,}"],
  ["AKIA", "[A-Z0-9]{12,}"],
  ["ASIA", "[A-Z0-9]{12,}"],
  ["ABIA", "[A-Z0-9]{12,}"],
  ["ACCA", "[A-Z0-9]{12,}"],
  ["LTAI", "[A-Za-z0-9]{16,}"],
  ["hf_", "[A-Za-z]{30,}"],
  ["api_org_", "[A-Za-z]{30,}"],
  ["fo1_", "[A-Za-z0-9_/+=-]{40,}"],
  ["fm[12][ar]?_", "[A-Za-z0-9_/+=-]{40,}"],
  ["r8_", "[A-Za-z0-9]{30,}"],
  ["EAAA", "[A-Za-z0-9_-]{30,}"],
  ["SK", "[a-f0-9]{32}"],
  ["key-", "[a-f0-9]{32}"],
  ["pubkey-", "[a-f0-9]{32}"],
  ["[sp]k\\.eyJ", "[A-Za-z0-9_.-]{40,}"],
  // A JWT. The bound keeps `eyJ` repeated without a dot cheap.
  ["eyJ", "[A-Za-z0-9_-]{8,4000}\\.[A-Za-z0-9_-]{6,}(?:\\.[A-Za-z0-9_-]*)*"],
  // The same inside a base64 text.
  ["ZXlK", "[A-Za-z0-9+/_-]{40,}={0,2}"],
  ["p8e-", "[A-Za-z0-9]{32}"],
  ["API-", "[A-Z0-9]{26}"],
  ["oy2", "[a-z0-9]{43}"],
  ["ico-", "[A-Za-z0-9]{32}"],
];

/** Tokens whose mark stands in their middle or at their end; looked for only where a mark is. */
const marked = [
  "[A-Za-z0-9.-]{1,60}\\.webhook\\.office\\.com/webhookb2/[A-Za-z0-9@/-]{20,}",
  "\\d{5,16}:A[A-Za-z0-9_-]{34}",
  "[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9=_-]{60,}",
  "[a-f0-9]{32}-us[0-9]{1,2}",
  "[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk",
  "\\d{15,16}\\|[A-Za-z0-9_-]{27,40}",
  "[A-Za-z0-9_~.]{3}\\dQ~[A-Za-z0-9_~.-]{30,}",
];
const marks = /\.webhook\.office|\d:A|\.atlasv1\.|-us\d|_mmk|\d\||\dQ~/g;

/** The start of a word: also after an escape (`\\n`, `%3D`), whose last letter is not part of the word. */
const start = "(?:(?<![A-Za-z0-9_-])|(?<=\\\\[nrt])|(?<=%[0-9A-Fa-f]{2}))";
// Every alternative begins with literal characters, which the engine searches for fastest; the border is checked behind.
const bordered = atStart.map(([head, body]) => `${head}(?<=${start}${head})${body}`);
const prefixed = new RegExp([...distinctive, ...bordered].join("|"), "g");
const shaped = new RegExp(`${start}(?:${marked.join("|")})`, "g");

export const findTokens: Finder = (text) => {
  const spans = [...tokensIn(text, prefixed)];
  let done = 0;
  for (const { index } of text.matchAll(marks)) {
    if (index < done) continue;
    const from = text.lastIndexOf("\n", index) + 1;
    const newline = text.indexOf("\n", index);
    done = newline < 0 ? text.length : newline;
    for (const { start, end } of tokensIn(text.slice(from, done), shaped)) {
      spans.push({ start: from + start, end: from + end });
    }
  }
  return spans;
};

function tokensIn(text: string, pattern: RegExp): readonly Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(pattern)) {
    const token = match[0];
    // A sentence's full stop is not the token's.
    const end = match.index + token.replace(/[.-]+$/, "").length;
    if (!isPlaceholder(token)) spans.push({ start: match.index, end });
  }
  return spans;
}

/** `ghp_xxxxxxxxxxxx`, `glpat-XXXXXXXX`: what documentation shows. */
function isPlaceholder(token: string): boolean {
  return /[xX*.]{6}|EXAMPLE$/.test(token);
}
