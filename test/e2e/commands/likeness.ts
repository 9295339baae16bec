/**
 * What of a shown answer is not so in a real one: each field has to be there, texts have to be equal (up to `…` where one
 * has it), numbers to be numbers; each item of a list has to be like one of the real list.
 */
export function unlike(shown: unknown, real: unknown, path = "the answer"): readonly string[] {
  if (typeof shown === "string" && shown.includes("…")) {
    const start = shown.slice(0, shown.indexOf("…"));
    return typeof real === "string" && real.startsWith(start) ? [] : [`${path} begins with no '${start}'`];
  }
  if (typeof shown === "number") return typeof real === "number" ? [] : [`${path} is no number`];
  if (typeof shown !== "object" || shown === null) {
    return shown === real ? [] : [`${path} is ${JSON.stringify(real)} and not ${JSON.stringify(shown)}`];
  }
  if (typeof real !== "object" || real === null) return [`${path} is ${JSON.stringify(real) ?? "not there"}`];
  if (Array.isArray(shown)) {
    const items: readonly unknown[] = Array.isArray(real) ? real : [];
    if (shown.length === 0) return items.length === 0 ? [] : [`${path} is not empty`];
    return shown.flatMap((item, index) => {
      const misses = items.map((each) => unlike(item, each, `${path}[${index}]`));
      return misses.some(({ length }) => length === 0) ? [] : (misses[0] ?? [`${path} is empty`]);
    });
  }
  return Object.entries(shown).flatMap(([name, part]) =>
    unlike(part, Object.getOwnPropertyDescriptor(real, name)?.value, `${path}.${name}`),
  );
}

/**
 * What of an example a real answer does not have: each field with a value of the same kind, and the same names of things.
 * One item of a real list has to be like the first of the example's; null in an example says nothing.
 */
export function shapeUnlike(example: unknown, real: unknown, path = "the answer"): readonly string[] {
  if (example === null) return [];
  if (typeof example !== typeof real || real === null)
    return [`${path} is ${JSON.stringify(real) ?? "not there"}`];
  if (typeof example !== "object") {
    const isNamed = /(?:jobId|answer\.id|executionId|board|deadline|title|repository|branch)$/.test(path);
    return isNamed && example !== real
      ? [`${path} is ${JSON.stringify(real)} and not ${JSON.stringify(example)}`]
      : [];
  }
  if (Array.isArray(example)) {
    const items: readonly unknown[] = Array.isArray(real) ? real : [];
    const misses = items.map((item) => shapeUnlike(example[0], item, `${path}[]`));
    if (example.length === 0 || misses.some(({ length }) => length === 0)) return [];
    return misses[0] ?? [`${path} is empty`];
  }
  return Object.entries(example).flatMap(([name, part]) =>
    shapeUnlike(part, Object.getOwnPropertyDescriptor(real, name)?.value, `${path}.${name}`),
  );
}
