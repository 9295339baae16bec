/** Milliseconds in each unit, the largest first. */
const unitsInMs = {
  d: 86_400_000,
  h: 360_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
};

const pattern = /^(?:(?<d>\d+)d)?(?:(?<h>\d+)h)?(?:(?<m>\d+)m(?!s))?(?:(?<s>\d+)s)?(?:(?<ms>\d+)ms)?$/;

/** "1h30m" → milliseconds. Throws a RangeError for anything that is no duration. */
export function parseDuration(text) {
  const groups = pattern.exec(text)?.groups;
  if (text === "" || groups === undefined) {
    throw new RangeError(`not a duration: ${JSON.stringify(text)}`);
  }
  return Object.entries(unitsInMs)
    .map(([unit, ms]) => Number(groups[unit] ?? 0) * ms)
    .reduce((sum, ms) => sum + ms, 0);
}

/** Milliseconds → the shortest text that parses back to them. */
export function formatDuration(durationMs) {
  let restMs = durationMs;
  let text = "";
  for (const [unit, ms] of Object.entries(unitsInMs)) {
    const count = Math.floor(restMs / ms);
    restMs -= count * ms;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === "" ? "0ms" : text;
}
