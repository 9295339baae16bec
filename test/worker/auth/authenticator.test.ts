import { SignJWT, exportJWK, generateKeyPair } from "jose";
import { test } from "vitest";
import { createAuthenticator } from "../../../worker/auth/authenticator.ts";
import { sha256Hex } from "../../../worker/keys.ts";

const now = Date.UTC(2099, 0, 1);
const issuer = "https://holt-team.cloudflareaccess.com";
const audience = "audience-tag-1";
const keys = await generateKeyPair("RS256");
const strangerKeys = await generateKeyPair("RS256");

const tokens = JSON.stringify([
  { name: "ci", sha256: await sha256Hex("dispatching"), scopes: ["dispatch"] },
  { name: "board", sha256: await sha256Hex("reading"), scopes: ["read"] },
]);

const read = { scope: "read", door: "native" } as const;
const dispatch = { scope: "dispatch", door: "native" } as const;

function get(headers: Readonly<Record<string, string>> = {}): Request {
  return new Request("https://holt.example/v1/executions/exec_1", { headers });
}

function accessEdge(settings: Readonly<Record<string, string>> = {}) {
  const fetched: string[] = [];
  const fetchKeys = async (url: string, { redirect, signal }: RequestInit) => {
    fetched.push(url);
    // A token of whoever the keys' address leads to would be taken, or nothing would ever be answered.
    if (redirect !== "manual" || !signal) throw new Error("keys are fetched without a bound");
    return Response.json({
      keys: [{ ...(await exportJWK(keys.publicKey)), kid: "k1", alg: "RS256", use: "sig" }],
    });
  };
  const all = { HOLT_ACCESS_TEAM: "holt-team", HOLT_ACCESS_AUD: audience, ...settings };
  return { fetched, authenticate: createAuthenticator(all, { clock: { now: () => now }, fetchKeys }) };
}

type Assertion = {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly issuer?: string;
  readonly audience?: string;
  readonly expiresInS?: number;
  readonly key?: CryptoKey;
};

async function assertion(said: Assertion = {}): Promise<Readonly<Record<string, string>>> {
  const jwt = await new SignJWT({ email: "ada@example.com", ...said.claims })
    .setProtectedHeader({ alg: "RS256", kid: "k1" })
    .setIssuer(said.issuer ?? issuer)
    .setAudience(said.audience ?? audience)
    .setIssuedAt(now / 1_000 - 10)
    .setExpirationTime(now / 1_000 + (said.expiresInS ?? 60))
    .sign(said.key ?? keys.privateKey);
  return { "cf-access-jwt-assertion": jwt };
}

const noPorts = {
  clock: { now: () => now },
  fetchKeys: () => Promise.reject(new Error("no keys are fetched here")),
};

test("a dispatch token reads and dispatches, a reading token only reads", async ({ expect }) => {
  const authenticate = createAuthenticator({ HOLT_TOKENS: tokens }, noPorts);
  const bearer = (token: string) => get({ authorization: `Bearer ${token}` });
  expect(await authenticate(bearer("dispatching"), dispatch)).toMatchObject({ caller: { name: "token:ci" } });
  expect(await authenticate(bearer("dispatching"), read)).toMatchObject({ ok: true });
  expect(await authenticate(bearer("reading"), read)).toMatchObject({ caller: { name: "token:board" } });
  expect(await authenticate(bearer("reading"), dispatch)).toMatchObject({ code: "forbidden" });
});

test("what is no token of the list is unauthorized, its hash included", async ({ expect }) => {
  const authenticate = createAuthenticator({ HOLT_TOKENS: tokens }, noPorts);
  const hash = await sha256Hex("dispatching");
  for (const value of [
    "Bearer wrong",
    `Bearer ${hash}`,
    "Bearer ",
    "dispatching",
    "Basic ZGlzcGF0Y2hpbmc=",
  ]) {
    expect(await authenticate(get({ authorization: value }), read)).toMatchObject({ code: "unauthorized" });
  }
  expect(await authenticate(get(), read)).toMatchObject({ code: "unauthorized" });
});

const unusable: ReadonlyArray<readonly [string, Readonly<Record<string, string>>, RegExp]> = [
  ["nothing", {}, /no authentication is configured/],
  ["an empty list", { HOLT_TOKENS: "[]" }, /no authentication is configured/],
  ["no JSON", { HOLT_TOKENS: "dispatching" }, /^HOLT_TOKENS is not JSON$/],
  ["a token in the clear", { HOLT_TOKENS: '[{"name":"ci","token":"x","scopes":["read"]}]' }, /at 0/],
  [
    "an unknown scope",
    { HOLT_TOKENS: tokens.replace('"read"', '"admin"') },
    /^HOLT_TOKENS is not valid at 1.scopes.0$/,
  ],
  [
    "a team without an audience",
    { HOLT_TOKENS: tokens, HOLT_ACCESS_TEAM: "holt-team" },
    /only of use together/,
  ],
  ["an audience without a team", { HOLT_ACCESS_AUD: audience }, /only of use together/],
  ["a team that is no domain", { HOLT_ACCESS_TEAM: "http://a/b", HOLT_ACCESS_AUD: audience }, /team domain/],
];

for (const [what, settings, error] of unusable) {
  test(`${what} as configuration lets nobody in`, async ({ expect }) => {
    const authenticate = createAuthenticator(settings, noPorts);
    const answer = await authenticate(get({ authorization: "Bearer dispatching" }), read);
    expect(answer).toMatchObject({
      ok: false,
      code: "auth-not-configured",
      error: expect.stringMatching(error),
    });
  });
}

test("an Access assertion reads and dispatches under its holder's name, with keys fetched once", async ({
  expect,
}) => {
  const { authenticate, fetched } = accessEdge();
  const caller = { name: "access:ada@example.com", scopes: ["read", "dispatch"] };
  expect(await authenticate(get(await assertion()), dispatch)).toEqual({ ok: true, caller });
  const service = await assertion({ claims: { email: undefined, common_name: "ci.access" } });
  expect(await authenticate(get(service), read)).toMatchObject({ caller: { name: "access:ci.access" } });
  expect(fetched).toEqual([`${issuer}/cdn-cgi/access/certs`]);
});

test("tokens work beside Access", async ({ expect }) => {
  const { authenticate } = accessEdge({ HOLT_TOKENS: tokens });
  expect(await authenticate(get({ authorization: "Bearer reading" }), read)).toMatchObject({ ok: true });
  expect(await authenticate(get(await assertion()), read)).toMatchObject({ ok: true });
});

const forged: ReadonlyArray<readonly [string, () => Promise<Readonly<Record<string, string>>>]> = [
  ["of another key", () => assertion({ key: strangerKeys.privateKey })],
  ["of another application", () => assertion({ audience: "audience-tag-2" })],
  ["of another team", () => assertion({ issuer: "https://other.cloudflareaccess.com" })],
  ["that has expired", () => assertion({ expiresInS: -1 })],
  ["that is no JWT", async () => ({ "cf-access-jwt-assertion": "a.b" })],
  [
    "signed with the public key as a shared secret",
    async () => {
      const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey)));
      const jwt = await new SignJWT({}).setProtectedHeader({ alg: "HS256", kid: "k1" }).sign(secret);
      return { "cf-access-jwt-assertion": jwt };
    },
  ],
  [
    "without a signature",
    async () => {
      const part = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");
      const claims = { iss: issuer, aud: audience, exp: now / 1_000 + 60 };
      return { "cf-access-jwt-assertion": `${part({ alg: "none" })}.${part(claims)}.` };
    },
  ],
];

for (const [what, headers] of forged) {
  test(`an assertion ${what} is unauthorized`, async ({ expect }) => {
    const { authenticate } = accessEdge();
    expect(await authenticate(get(await headers()), read)).toMatchObject({ code: "unauthorized" });
  });
}

test("keys that cannot be fetched are our failure, not the caller's", async ({ expect }) => {
  const authenticate = createAuthenticator({ HOLT_ACCESS_TEAM: issuer, HOLT_ACCESS_AUD: audience }, noPorts);
  await expect(authenticate(get(await assertion()), read)).rejects.toThrow("no keys are fetched here");
});

test("an assertion that another site made the browser send is refused", async ({ expect }) => {
  const { authenticate } = accessEdge();
  const signed = await assertion();
  expect(await authenticate(get({ ...signed, "sec-fetch-site": "cross-site" }), dispatch)).toMatchObject({
    code: "forbidden",
  });
  expect(await authenticate(get({ ...signed, "sec-fetch-site": "same-origin" }), dispatch)).toMatchObject({
    ok: true,
  });
});
