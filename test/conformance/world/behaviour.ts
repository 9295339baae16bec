/** Shell text that an agent of the kit is made of; `$KIT` is the place of its job. */

/** One script of several parts, run one after the other. */
export function behave(...parts: readonly string[]): string {
  return `${parts.join("\n")}\n`;
}

/** Prints records as the agent's events, one a line. */
export function emit(...records: readonly object[]): string {
  return records.map((record) => `printf '%s\\n' ${quote(JSON.stringify(record))}`).join("\n");
}

/** Waits until the kit has written the file `name`, or is done with everything. */
export function waitFor(name: string): string {
  return `while [ ! -e "$KIT/${name}" ] && [ ! -e "$KIT/over" ]; do sleep 0.05; done`;
}

/** Tells the kit that the agent has come so far. */
export function reach(name: string): string {
  return `echo reached > "$KIT/${name}"`;
}

/** Silent and alive until it is ended, or the kit is done. */
export const hang = waitFor("over");

export const identity = "-c user.name=Agent -c user.email=agent@example.invalid";

/** Writes a file and commits it as the agent's own work. */
export function commit(file: string, text: string): string {
  return [
    `printf '%s\\n' ${quote(text)} > ${quote(file)}`,
    `git add -- ${quote(file)}`,
    `git ${identity} commit -q -m ${quote(`Add ${file}`)}`,
  ].join("\n");
}

/**
 * A process of the agent's that outlives it: in a session of its own, deaf to SIGTERM, writing a count into
 * `$KIT/heartbeat` ten times a second until the kit is done.
 */
export function leaveHeartbeat(stdout: "closed" | "held"): string {
  const loop = [
    "trap '' TERM HUP",
    "count=0",
    'while [ ! -e "$KIT/over" ] && [ -d "$KIT" ]; do',
    "  count=$((count + 1))",
    '  echo "$count" > "$KIT/heartbeat.new" && mv "$KIT/heartbeat.new" "$KIT/heartbeat"',
    "  sleep 0.1",
    "done",
  ].join("\n");
  const to = stdout === "closed" ? "< /dev/null > /dev/null 2>&1" : "< /dev/null";
  return `setsid sh -c ${quote(loop)} ${to} &\nwhile [ ! -e "$KIT/heartbeat" ]; do sleep 0.05; done`;
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
