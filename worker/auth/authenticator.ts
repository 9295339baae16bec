/** Who calls and what they may do. Fails closed: a deployment that configures no authentication serves nobody. */

import type { Endpoint } from "../../shared/endpoints.ts";
import { type Refusal, refuse } from "../../shared/errors.ts";
import { SECRET_HEADER } from "../../shared/harness-wire.ts";
import { bearerOf } from "../http/bearer.ts";
import { ACCESS_HEADER, type AccessPorts, accessIssuer, createAccessVerifier } from "./access.ts";
import { findToken, readTokens } from "./tokens.ts";

export type CallerScope = "read" | "dispatch";

/** `name` is the caller's key for limits and logs: `token:ci`, `access:ada@example.com`. */
export type Caller = { readonly name: string; readonly scopes: readonly CallerScope[] };

export type Authenticated = { readonly ok: true; readonly caller: Caller } | Refusal;

export type Authenticator = (
  request: Request,
  needed: { readonly scope: CallerScope; readonly door: Endpoint["door"] },
) => Promise<Authenticated>;

export type AuthSettings = {
  readonly HOLT_TOKENS?: string | undefined;
  readonly HOLT_ACCESS_TEAM?: string | undefined;
  readonly HOLT_ACCESS_AUD?: string | undefined;
};

export function createAuthenticator(settings: AuthSettings, ports: AccessPorts): Authenticator {
  const methods = readMethods(settings, ports);
  if (!methods.ok) return () => Promise.resolve(methods);
  const { tokens, access } = methods;
  return async (request, { scope, door }) => {
    const { headers } = request;
    const bearer = bearerOf(headers);
    if (bearer !== null) return admit(await tokenCaller(tokens, bearer), scope);
    const secret = door === "job" ? headers.get(SECRET_HEADER) : null;
    // Clients of the original harness know one secret with full power, so only a dispatch token stands for it.
    if (secret !== null) return admit(await tokenCaller(tokens, secret), "dispatch");
    const assertion = headers.get(ACCESS_HEADER);
    if (assertion === null || access === null) return unauthorized;
    if (isCrossSite(request)) return refuse("forbidden", "requests from other sites are not accepted");
    const name = await access(assertion);
    return admit(name === null ? null : { name: `access:${name}`, scopes: ["read", "dispatch"] }, scope);
  };
}

const unauthorized = refuse("unauthorized", "unauthorized");

function readMethods(settings: AuthSettings, ports: AccessPorts) {
  const tokens = readTokens(settings.HOLT_TOKENS);
  if (!tokens.ok) return refuse("auth-not-configured", tokens.error);
  const [team, audience] = [settings.HOLT_ACCESS_TEAM ?? "", settings.HOLT_ACCESS_AUD ?? ""];
  if ((team === "") !== (audience === "")) {
    return refuse("auth-not-configured", "HOLT_ACCESS_TEAM and HOLT_ACCESS_AUD are only of use together");
  }
  if (tokens.entries.length === 0 && team === "") {
    return refuse(
      "auth-not-configured",
      "no authentication is configured: set HOLT_TOKENS, or HOLT_ACCESS_TEAM and HOLT_ACCESS_AUD",
    );
  }
  if (team === "") return { ok: true, tokens: tokens.entries, access: null } as const;
  const issuer = accessIssuer(team);
  if (issuer === null) return refuse("auth-not-configured", "HOLT_ACCESS_TEAM names no team domain");
  const access = createAccessVerifier({ issuer, audience }, ports);
  return { ok: true, tokens: tokens.entries, access } as const;
}

async function tokenCaller(tokens: Parameters<typeof findToken>[0], token: string): Promise<Caller | null> {
  const entry = await findToken(tokens, token);
  if (entry === null) return null;
  const scopes: readonly CallerScope[] = entry.scopes.includes("dispatch") ? ["read", "dispatch"] : ["read"];
  return { name: `token:${entry.name}`, scopes };
}

function admit(caller: Caller | null, scope: CallerScope): Authenticated {
  if (caller === null) return unauthorized;
  if (caller.scopes.includes(scope)) return { ok: true, caller };
  return refuse("forbidden", `this token's scopes do not include '${scope}'`);
}

/** Access adds its assertion to whatever a signed-in browser sends, so a foreign page must not be what sends it. */
function isCrossSite(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  return site !== null && site !== "same-origin" && site !== "none";
}
