/** What a browser keeps for the page; where it keeps nothing, as with site data blocked, this page's own memory. */
export type Kept = {
  readonly get: (name: string) => string | null;
  /** Null forgets it. */
  readonly set: (name: string, value: string | null) => void;
};

/** @param storage throws where the browser lets the page have none, as its methods may */
export function kept(storage: () => Pick<Storage, "getItem" | "setItem" | "removeItem">): Kept {
  const memory = new Map<string, string | null>();
  return {
    get: (name) => {
      try {
        return memory.get(name) ?? storage().getItem(name);
      } catch {
        return null; // nothing was kept that could be read
      }
    },
    set: (name, value) => {
      memory.set(name, value);
      try {
        if (value === null) storage().removeItem(name);
        else storage().setItem(name, value);
      } catch {
        // The memory has it.
      }
    },
  };
}
