import { test } from "vitest";
import { kept } from "../../worker/ui/kept.ts";

/** A browser's storage, as long as it lets the page have it. */
class Storage {
  readonly held = new Map<string, string>();
  isBlocked = false;
  readonly open = (): Storage => {
    if (this.isBlocked) throw new DOMException("access is denied", "SecurityError");
    return this;
  };
  readonly getItem = (name: string): string | null => this.held.get(name) ?? null;
  readonly setItem = (name: string, value: string): void => void this.held.set(name, value);
  readonly removeItem = (name: string): void => void this.held.delete(name);
}

class FullStorage extends Storage {
  override readonly setItem = (): void => {
    throw new DOMException("full", "QuotaExceededError");
  };
}

test("what is kept is in the browser's storage, and a page after this one finds it", ({ expect }) => {
  const storage = new Storage();
  kept(storage.open).set("token", "t");
  expect(storage.held).toEqual(new Map([["token", "t"]]));
  expect(kept(storage.open).get("token")).toBe("t");
});

test("what is forgotten is in no storage and not found again", ({ expect }) => {
  const storage = new Storage();
  const found = kept(storage.open);
  found.set("token", "t");
  found.set("token", null);
  expect([storage.held.size, found.get("token")]).toEqual([0, null]);
});

test("where the browser keeps nothing, this page still knows what it was given, and forgets it", ({
  expect,
}) => {
  const storage = new Storage();
  storage.isBlocked = true;
  const found = kept(storage.open);
  expect(found.get("token")).toBe(null);
  found.set("token", "t");
  expect(found.get("token")).toBe("t");
  found.set("token", null);
  expect(found.get("token")).toBe(null);
});

test("a storage that takes nothing more does no harm", ({ expect }) => {
  const found = kept(() => new FullStorage());
  found.set("token", "t");
  expect(found.get("token")).toBe("t");
});
