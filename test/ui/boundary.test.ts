import { test } from "vitest";
import { Boundary } from "../../worker/ui/components/boundary.ts";

test("what could not be drawn is tried again where it is another, and not before", ({ expect }) => {
  const props = { children: "drawn", instead: "broken" };
  const boundary = new Boundary({ ...props, of: 1 });
  const drawn = (of: number, broken: { readonly of: unknown } | null) =>
    boundary.render({ ...props, of }, { broken });
  expect(drawn(1, null)).toBe("drawn");
  expect(drawn(1, { of: 1 })).toBe("broken");
  expect(drawn(2, { of: 1 })).toBe("drawn");
});
