/** The account that agents and all code of a repository run as, where it is another than the harness's own. */

export type AgentUser = { readonly name: string; readonly uid: number; readonly gid: number };

export type ResolvedUser =
  /** Nobody asked for a second account. */
  | { readonly kind: "none" }
  | { readonly kind: "user"; readonly user: AgentUser }
  /** Only root can start a process as somebody else. */
  | { readonly kind: "powerless"; readonly text: string }
  | { readonly kind: "refused"; readonly error: string };

export type Accounts = {
  /** The harness's own user id; undefined where the platform has none. */
  readonly ownUid: number | undefined;
  /** The text of `/etc/passwd`; empty where there is none. */
  readonly passwd: string;
};

/**
 * Finds who HARNESS_AGENT_USER means: an account of this machine by its name, or `uid` or `uid:gid` where it has no
 * entry. Everything of that account is ended after a job, so it must be used for nothing else.
 */
export function resolveAgentUser(given: string | null, { ownUid, passwd }: Accounts): ResolvedUser {
  if (given === null) return { kind: "none" };
  const user = readNumbers(given) ?? findAccount(given, passwd);
  if (ownUid !== 0) {
    const text = `HARNESS_AGENT_USER is '${given}', but only root can start agents as another user: they run as the harness's own`;
    return { kind: "powerless", text };
  }
  if (user === null) {
    const error = `HARNESS_AGENT_USER names '${given}', which is no account in /etc/passwd; an account without an entry is named by its number, as in 10002 or 10002:10002`;
    return { kind: "refused", error };
  }
  if (user.uid === 0 || user.gid === 0) {
    return { kind: "refused", error: `HARNESS_AGENT_USER must not be root or of root's group: '${given}'` };
  }
  return { kind: "user", user };
}

/** The highest id stands for "unchanged" in the system calls that take one. */
const MAX_ID = 2 ** 32 - 2;

function readNumbers(given: string): AgentUser | null {
  const match = /^(\d{1,10})(?::(\d{1,10}))?$/u.exec(given);
  if (match === null) return null;
  const uid = Number(match[1]);
  const gid = Number(match[2] ?? match[1]);
  return uid <= MAX_ID && gid <= MAX_ID ? { name: given, uid, gid } : null;
}

function findAccount(given: string, passwd: string): AgentUser | null {
  for (const line of passwd.split("\n")) {
    const [name, , uid, gid] = line.split(":");
    if (name === given && /^\d+$/u.test(uid ?? "") && /^\d+$/u.test(gid ?? "")) {
      return { name, uid: Number(uid), gid: Number(gid) };
    }
  }
  return null;
}
