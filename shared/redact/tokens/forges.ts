import type { Issuers } from "./issuer.ts";

/** Where code and packages are kept and built. */
export const forges: Issuers = {
  anywhere: [
    // GitHub; `ghs_<app>_<jwt>` has dots and hyphens and some 520 characters.
    ["ghp_ gho_ ghu_ ghs_ ghr_", "[A-Za-z0-9]{36}[A-Za-z0-9._-]*"],
    ["ghs_", "\\d{1,20}_eyJ[A-Za-z0-9._-]{16,}"],
    ["github_pat_", "[A-Za-z0-9_]{16,}"],
    [
      "glpat- gldt- glrt- glrtr- glptt- glft- gloat- glsoat- glimt- glagent- glcbt- glffct- glwt-",
      "[A-Za-z0-9_.=-]{12,}",
    ],
    ["gloas-", "[A-Za-z0-9_-]{40,}"],
    ["GR1348941", "[A-Za-z0-9_-]{16,}"],
    ["_gitlab_session=", "[A-Za-z0-9]{16,}"],
    ["ATATT3 ATCTT3 ATSTT3", "[A-Za-z0-9_=-]{40,}"],
    ["ATBB", "[A-Za-z0-9_=.-]{32,}"],
    ["npm_", "[A-Za-z0-9]{20,}"],
    ["pypi-AgE", "[A-Za-z0-9_-]{20,}"],
    ["rubygems_", "[a-f0-9]{30,}"],
    ["CLOJARS_", "[A-Za-z0-9]{40,}"],
    ["dckr_pat_ dckr_oat_", "[A-Za-z0-9_-]{16,}"],
    ["AKCp", "[A-Za-z0-9]{50,}"],
    ["cmVmdGtu", "[A-Za-z0-9]{40,}"],
    ["jsrp_ jsrd_", "[A-Za-z0-9]{20,}"],
    ["CCIPAT_ CCIPRJ_", "[A-Za-z0-9_]{20,}"],
    ["bkua_ bkat_ bkct_", "[A-Za-z0-9]{20,}"],
    ["sgp_", "(?:[A-Fa-f0-9]{16}_|local_)?[A-Fa-f0-9]{36,}"],
    ["sqp_ squ_ sqa_", "[A-Za-z0-9]{40}"],
    ["snyk_uat. snyk_sat.", "[A-Za-z0-9_.-]{20,}"],
    ["CFPAT-", "[A-Za-z0-9_-]{30,}"],
    ["packagist_ort_ packagist_uut_ packagist_out_", "[a-f0-9]{40,}"],
    ["lin_api_ lin_oauth_", "[A-Za-z0-9]{20,}"],
    ["figd_ figo_ figor_", "[A-Za-z0-9_-]{20,}"],
    ["PMAK- PMAT-", "[A-Za-z0-9-]{24,}"],
    ["rdme_", "[a-z0-9]{60,}"],
  ],
  atWordStart: [
    ["ghp_ gho_ ghu_ ghs_ ghr_", "[A-Za-z0-9._-]{16,}"],
    ["cio", "[A-Za-z0-9]{32}(?![A-Za-z0-9])"],
    ["oy2", "[a-z0-9]{43}"],
    ["ico-", "[A-Za-z0-9]{32}"],
    ["pat. sat.", "[A-Za-z0-9_-]{22}\\.[A-Za-z0-9]{24}\\.[A-Za-z0-9]{20}"],
    ["API-", "[A-Z0-9]{26}"],
    ["waka_", "[a-f0-9-]{36}"],
  ],
};
