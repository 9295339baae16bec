/** Every rule over both images. */

import { environmentPlain, noSecrets, usersApart } from "./account.ts";
import type { Dockerfile } from "./dockerfile.ts";
import type { Finding, Rule } from "./finding.ts";
import {
  aptPinned,
  basePinned,
  downloadsChecked,
  npmExact,
  npmWithoutScripts,
  versionsTested,
} from "./pins.ts";
import { cacheIsWarm, copiesArrive, portsAgree, startIsExec, startsAlike } from "./start.ts";
import type { Surroundings } from "./surroundings.ts";

export const Rules = {
  "base is pinned": basePinned,
  "npm packages are exact": npmExact,
  "npm runs no scripts": npmWithoutScripts,
  "apt packages are pinned": aptPinned,
  "downloads are checked": downloadsChecked,
  "versions are the tested ones": versionsTested,
  "users are apart": usersApart,
  "no secrets": noSecrets,
  "environment is plain": environmentPlain,
  "copies arrive": copiesArrive,
  "start is in exec form": startIsExec,
  "ports agree": portsAgree,
  "compile cache is warm": cacheIsWarm,
} as const satisfies Readonly<Record<string, Rule>>;

export type Images = { readonly harness: Dockerfile; readonly ui: Dockerfile };

export function findingsOf(file: Dockerfile, surroundings: Surroundings): readonly Finding[] {
  return Object.entries(Rules).flatMap(([rule, check]) =>
    check(file, surroundings).map((text) => ({ rule, path: file.path, text })),
  );
}

export function findingsOfAll({ harness, ui }: Images, surroundings: Surroundings): readonly Finding[] {
  const alike = startsAlike(harness, ui).map((text) => ({ rule: "images start alike", path: ui.path, text }));
  const account = harness.env.has("HARNESS_AGENT_USER") ? [] : ["agents have no account of their own"];
  const absent = surroundings.deployed.filter((path) => path !== harness.path && path !== ui.path);
  return [
    ...findingsOf(harness, surroundings),
    ...findingsOf(ui, surroundings),
    ...alike,
    ...account.map((text) => ({ rule: "users are apart", path: harness.path, text })),
    ...absent.map((path) => ({ rule: "deployed images are checked", path, text: "wrangler.toml names it" })),
  ];
}
