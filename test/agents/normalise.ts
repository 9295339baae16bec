/** Takes out of a recorded stream what belongs to one machine and one moment, so that recordings can be compared. */

export type Normalisation = {
  /** A folder of the machine → the name it gets. */
  readonly folders: Readonly<Record<string, string>>;
};

/** Said in the header of every recording. */
export const whatIsNormalised = "folders, ports, ids, times and accounts of the machine";

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const isoTime = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})/g;
const epochMs = /(?<=":)1[6-9]\d{11}(?=[,}])/g;
const address = /(?<=127\.0\.0\.1:)\d{2,5}/g;
/** Names that hold a process's id or its user's. */
const ownNames = /(?<=\/(?:claude-|cc-socks\/))\d+/g;
/** Ids that are no UUIDs, by the fields that hold them. */
const idFields = /"(?:task_id|run_id|agent_id|responseId)":"([^"]+)"/g;

export function normalise(text: string, { folders }: Normalisation): string {
  const placed = Object.entries(folders).reduce((result, [folder, name]) => {
    const dashed = (path: string): string => path.replaceAll(/[/.]/g, "-");
    return result.replaceAll(folder, name).replaceAll(dashed(folder), dashed(name));
  }, text);
  const named = [...placed.matchAll(idFields)].reduce((result, [, id = ""], index) => {
    return id.startsWith("id-") ? result : result.replaceAll(id, `id-${index + 1}`);
  }, placed);
  const known = new Map<string, string>();
  return named
    .replaceAll(uuid, (id) => {
      const name = known.get(id) ?? `00000000-0000-4000-8000-${String(known.size + 1).padStart(12, "0")}`;
      known.set(id, name);
      return name;
    })
    .replaceAll(isoTime, "2026-01-01T00:00:00.000Z")
    .replaceAll(epochMs, "1767225600000")
    .replaceAll(address, "8080")
    .replaceAll(ownNames, "1");
}
