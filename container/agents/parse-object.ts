/** The JSON object that a line is; null where it is none, which the caller counts. */
export function parseObject(line: string): unknown {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line);
  } catch {
    // a line that merely begins like one
    return null;
  }
}
