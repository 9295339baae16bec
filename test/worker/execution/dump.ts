/** Every row of every table of an object, blobs as the text their bytes may be. */
export type Dump = Readonly<Record<string, readonly Readonly<Record<string, string | number | null>>[]>>;

export function dumpOf(sql: SqlStorage): Dump {
  const tables = sql
    .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .toArray()
    // Tables of the platform may not be read.
    .filter(({ name }) => !name.startsWith("_cf_"));
  return Object.fromEntries(
    tables.map(({ name }) => [
      name,
      sql
        .exec(`SELECT * FROM "${name}"`)
        .toArray()
        .map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, readable(value)]))),
    ]),
  );
}

function readable(value: SqlStorageValue): string | number | null {
  if (!(value instanceof ArrayBuffer)) return value;
  return `latin1:${new TextDecoder("latin1").decode(value)}`;
}
