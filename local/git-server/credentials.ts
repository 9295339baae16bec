/** HTTP basic credentials as git sends them. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Undefined for a missing header and for anything but the Basic scheme. */
export function parseBasic(authorization: string | undefined): Credentials | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/]+=*)$/.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon < 0) return undefined;
  return { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}
