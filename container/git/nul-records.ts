/** Cuts a stream at NUL, as git's `-z` ends its records; a character of a record is a byte. */
export function createNulRecords(onRecord: (record: string) => void): (chunk: Uint8Array) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let at = bytes.indexOf(0); at !== -1; at = bytes.indexOf(0, from)) {
      onRecord(bytes.toString("latin1", from, at));
      from = at + 1;
    }
    rest = Buffer.from(bytes.subarray(from));
  };
}

/** A path of such a record for people; bytes that are no text become U+FFFD. */
export function displayPath(path: string): string {
  return Buffer.from(path, "latin1").toString("utf8");
}
