/** Tokens as their issuers document them, made from seeds and put together here: none of them was ever one. */

import { noise, noiseOf } from "./samples.ts";

const hex = (length: number): string => noiseOf("0123456789abcdef", length);
const capitals = (length: number): string => noise(length).toUpperCase();
const digits = (length: number): string => noiseOf("0123456789", length);

const uuid = [8, 4, 4, 4, 12].map((length) => hex(length)).join("-");

/** A prefix and what follows it; joined only when a test runs. */
const prefixed: ReadonlyArray<readonly [head: string, body: string]> = [
  ["AKIA", capitals(16)],
  ["ASIA", capitals(16)],
  ["LTAI", noise(20)],
  ["AIza", noise(35)],
  ["GOCSPX-", noise(28)],
  ["ya29.", noise(60)],
  ["dop_v1_", hex(64)],
  ["cfat_", noise(40)],
  ["vcp_", noise(56)],
  ["nfp_", noise(36)],
  ["sbp_", hex(40)],
  ["pscale_tkn_", noise(43)],
  ["tskey-auth-", noise(30)],
  ["hvs.", noise(90)],
  ["dp.pt.", noise(43)],
  ["ATATT3", noise(180)],
  ["rubygems_", hex(48)],
  ["dckr_pat_", noise(27)],
  ["CCIPAT_", noise(40)],
  ["sqp_", hex(40)],
  ["lin_api_", noise(40)],
  ["figd_", noise(40)],
  ["gsk_", noise(52)],
  ["xai-", noise(80)],
  ["pplx-", noise(48)],
  ["nvapi-", noise(64)],
  ["hf_", noiseOf("abcdefghijklmnopqrstuvwxyzABCDEFGH", 34)],
  ["lsv2_pt_", `${hex(32)}_${hex(10)}`],
  ["xoxp-", `${digits(12)}-${digits(12)}-${hex(32)}`],
  ["xapp-1-", `${capitals(10)}-${digits(12)}-${hex(64)}`],
  ["SG.", `${noise(22)}.${noise(43)}`],
  ["shpat_", hex(32)],
  ["sk_live_", noise(24)],
  ["rk_test_", noise(40)],
  ["whsec_", noise(32)],
  ["sq0csp-", noise(43)],
  ["ntn_", `${digits(11)}${noise(35)}`],
  ["glc_", noise(80)],
  ["NRAK-", capitals(27)],
  ["dapi", hex(32)],
  ["pul-", hex(40)],
  ["PMAK-", `${hex(24)}-${hex(34)}`],
  ["AGE-SECRET-KEY-1", capitals(58)],
  ["dt0c01.", `${capitals(24)}.${capitals(64)}`],
  ["SK", hex(32)],
  ["tgp_v1_", noise(43)],
  ["csk-", noise(48).toLowerCase()],
  ["bb_live_", noise(27)],
  ["polar_oat_", noise(42)],
  ["GOOG1E", capitals(57)],
  ["Fe26.2**", `${hex(64)}*${noise(22)}*${noise(43)}`],
  ["AVNS_", noise(20)],
  ["mdb_sa_sk_", noise(40)],
  ["dbtc_", noise(40)],
  ["sec-c-", noise(48)],
  ["signkey-prod-", hex(64)],
  ["tr_prod_", noise(24)],
  ["rootly_", hex(64)],
  ["dnsimple_u_", noise(32)],
  ["ApiKey-", uuid],
  ["sdk-", uuid],
  ["AKLT", noise(43)],
  ["SCW", capitals(17)],
  ["xau_", noise(40)],
  ["secret-live-", noise(44)],
  ["samsara_api_", noise(30)],
  ["ck_", hex(40)],
  ["pk_", `${digits(8)}_${capitals(32)}`],
  ["pat", `${noise(14)}.${hex(64)}`],
  ["sk_", hex(48)],
  ["cmVmd", noise(59)],
  ["zpka_", `${hex(32)}_${hex(8)}`],
  ["hooks.slack.com/services/", `T${capitals(8)}/B${capitals(8)}/${noise(24)}`],
];

/** Marks inside a token. */
const marked: ReadonlyArray<readonly [name: string, token: string]> = [
  ["telegram", `${digits(10)}:A${noise(34)}`],
  ["terraform", `${noise(14)}.atlasv1.${noise(66)}`],
  ["mailchimp", `${hex(32)}-us12`],
  ["azure functions", `${noise(44)}AzFu${noise(6)}==`],
  ["azure registry", `${noise(42)}+ACR${noise(6)}`],
  ["firebase", `${noise(22)}:APA91b${noise(134)}`],
  ["convex", `prod:happy-animal-123|${noise(80)}==`],
  ["azure", `${noise(3)}8Q~${noise(34)}`],
];

export const issued: ReadonlyArray<readonly [name: string, token: string]> = [
  ...prefixed.map(([head, body]) => [head, head + body] as const),
  ...marked,
];
