import { createRemoteJWKSet, customFetch, errors, jwtVerify } from "jose";
import type { Clock } from "../ports.ts";

export const ACCESS_HEADER = "cf-access-jwt-assertion";

export type AccessSettings = {
  /** `https://<team>.cloudflareaccess.com`. */
  readonly issuer: string;
  /** The application's audience tag. */
  readonly audience: string;
};

export type AccessPorts = {
  readonly clock: Clock;
  /** Fetches the team's signing keys, within the time and without the redirects that `init` says. */
  readonly fetchKeys: (url: string, init: RequestInit) => Promise<Response>;
};

/** Whom a Cloudflare Access assertion names; null where it is not valid. Throws where the keys cannot be had. */
export type AccessVerifier = (assertion: string) => Promise<string | null>;

/** @param team the team's domain as a URL, or its name alone; null where it is neither */
export function accessIssuer(team: string): string | null {
  const issuer = team.includes("://") ? team.replace(/\/+$/, "") : `https://${team}.cloudflareaccess.com`;
  const url = URL.parse(issuer);
  return url !== null && url.protocol === "https:" && url.origin === issuer ? issuer : null;
}

/** Keys are fetched at the first assertion and kept for ten minutes; an unknown key id fetches them again. */
export function createAccessVerifier(
  { issuer, audience }: AccessSettings,
  ports: AccessPorts,
): AccessVerifier {
  const keys = createRemoteJWKSet(new URL(`${issuer}/cdn-cgi/access/certs`), {
    [customFetch]: (url, init) => ports.fetchKeys(url, init),
  });
  return async (assertion) => {
    try {
      const { payload } = await jwtVerify(assertion, keys, {
        issuer,
        audience,
        algorithms: ["RS256"],
        requiredClaims: ["exp"],
        currentDate: new Date(ports.clock.now()),
      });
      return nameIn(payload);
    } catch (error) {
      if (isInvalid(error)) return null;
      throw error;
    }
  };
}

/** People have an address, service tokens a common name. */
function nameIn(payload: Readonly<Record<string, unknown>>): string {
  const names = [payload["email"], payload["common_name"], payload["sub"]];
  return names.find((name) => typeof name === "string" && name !== "")?.toString() ?? "unnamed";
}

/** What is wrong with the assertion, as opposed to with fetching the keys. */
function isInvalid(error: unknown): boolean {
  return (
    error instanceof errors.JOSEError &&
    error.code !== "ERR_JOSE_GENERIC" &&
    error.code !== "ERR_JWKS_TIMEOUT" &&
    error.code !== "ERR_JWKS_INVALID"
  );
}
