import { tokenUser } from "./settings.ts";

/** The one remote of a job, as the job names it. No configuration of a checkout has a say in it. */
export type Remote = {
  /** With the name of a token's bearer and never a password. */
  readonly url: string;
  /** The only protocol git may speak to it. */
  readonly protocol: "http" | "https";
  /** What git asks exactly when it wants this remote's password; any other question stays unanswered. */
  readonly passwordPrompt: string;
  readonly token: string;
};

/** Null for what is no http or https URL; which hosts are allowed was decided when the job was parsed. */
export function toRemote(cloneUrl: string, token: string): Remote | null {
  const url = URL.parse(cloneUrl);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) return null;
  url.username = tokenUser;
  url.password = "";
  return {
    url: url.href,
    protocol: url.protocol === "https:" ? "https" : "http",
    passwordPrompt: `Password for '${url.protocol}//${tokenUser}@${url.host}': `,
    token,
  };
}
