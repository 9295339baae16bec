/** Top-level fields of a job body that carry credentials: they may be replaced while a job lives. */
const credentialFields = ["ghToken", "sessionToken", "subscriptionToken"] as const;

export type SpecComparison = {
  /** Names of the fields that differ, credentials aside; never their values. */
  readonly fields: readonly string[];
  /** The old spec with the new one's credentials; null where those are equal. */
  readonly refreshed: string | null;
};

/** Compares what is stored for a live job with what a later dispatch of it asks. Both are JSON objects as text. */
export function compareSpecs(stored: string, offered: string): SpecComparison {
  const [before, after] = [readObject(stored), readObject(offered)];
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  const differing = names.filter((name) => canonical(before.get(name)) !== canonical(after.get(name)));
  const credentials = differing.filter((name) => isCredential(name) && after.has(name));
  const fields = differing.filter((name) => !isCredential(name));
  if (credentials.length === 0) return { fields, refreshed: null };
  for (const name of credentials) before.set(name, after.get(name));
  return { fields, refreshed: JSON.stringify(Object.fromEntries(before)) };
}

function isCredential(name: string): boolean {
  return credentialFields.some((field) => field === name);
}

function readObject(text: string): Map<string, unknown> {
  const value: unknown = JSON.parse(text);
  return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
}

/** Equal values give equal texts, whatever the order of their keys. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === "object" && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? "absent"
  );
}
