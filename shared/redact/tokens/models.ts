import type { Issuers } from "./issuer.ts";

/** Providers of models, and what stands around them. */
export const models: Issuers = {
  anywhere: [
    ["sk-ant- sk-proj- sk-svcacct- sk-admin- sk-or- sk-lf-", "[A-Za-z0-9_-]{12,}"],
    ["gsk_", "[A-Za-z0-9]{20,}"],
    ["xai-", "[A-Za-z0-9_-]{20,}"],
    ["pplx-", "[A-Za-z0-9]{20,}"],
    ["AIza", "[A-Za-z0-9_-]{30,}"],
    ["bedrock-api-key-", "[A-Za-z0-9+/=]{12,}"],
    ["ABSK", "[A-Za-z0-9+/]{60,}={0,2}"],
    ["nvapi-", "[A-Za-z0-9_-]{40,}"],
    ["pcsk_", "[A-Za-z0-9_]{40,}"],
    ["lsv2_pt_ lsv2_sk_", "[a-f0-9]{32}_[a-f0-9]{10}"],
    ["tvly-", "[A-Za-z0-9-]{20,}"],
    ["wandb_v1_", "[A-Za-z0-9_]{40,}"],
    ["jina_", "[A-Za-z0-9_-]{40,}"],
    ["esecret_", "[A-Za-z0-9]{20,}"],
    ["apify_api_", "[A-Za-z0-9]{30,}"],
    ["tgp_v1_", "[A-Za-z0-9_-]{40,}"],
    ["bb_live_ bb_test_", "[A-Za-z0-9_-]{24,}"],
    ["polar_oat_ polar_pat_ polar_at_u_ polar_at_o_ polar_rt_u_ polar_rt_o_", "[A-Za-z0-9]{30,}"],
  ],
  atWordStart: [
    // Whatever company this is: many took the prefix over.
    ["sk-", "(?=[A-Za-z_-]{0,40}[0-9])[A-Za-z0-9_-]{20,}"],
    ["hf_", "[A-Za-z]{30,}"],
    ["api_org_", "[A-Za-z]{30,}"],
    ["r8_", "[A-Za-z0-9]{30,}"],
    ["fw_", "[A-Za-z0-9]{22,24}(?![A-Za-z0-9_])"],
    ["fc-", "[a-f0-9]{32}"],
    ["e2b_", "[a-f0-9]{40}"],
    ["csk-", "[a-z0-9]{40,}"],
    ["key_", "[a-f0-9]{64}(?![A-Za-z0-9])"],
    ["ak- as-", "(?=[A-Za-z]{0,20}[0-9])[A-Za-z0-9]{22}(?![A-Za-z0-9-])"],
    ["pa-", "[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"],
  ],
};
