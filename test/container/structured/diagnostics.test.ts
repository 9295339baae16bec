import { test } from "vitest";
import { type Diagnostics, diagnosticsSuffix } from "../../../container/structured/diagnostics.ts";

const plain: Diagnostics = {
  parsedOn: "none",
  primaryChars: 5,
  looksDoubled: false,
  repairAttempted: false,
  repairSucceeded: false,
};

test("the diagnostics of a reply read as clients know them", ({ expect }) => {
  const suffix = (given: Partial<Diagnostics>): string => diagnosticsSuffix({ ...plain, ...given });
  expect(suffix({})).toBe("");
  expect(suffix({ looksDoubled: true })).toBe(" [output appeared token-doubled (streaming corruption)]");
  expect(suffix({ repairAttempted: true })).toBe(" [structured repair did not help]");
  expect(suffix({ repairAttempted: true, repairError: "HTTP 500" })).toBe(
    " [structured repair did not help (HTTP 500)]",
  );
  expect(suffix({ looksDoubled: true, repairAttempted: true, repairSucceeded: true })).toBe(
    " [output appeared token-doubled (streaming corruption); structured repair recovered it]",
  );
  expect(suffix({ repairError: "structured-output repair unavailable for the codex harness" })).toBe(
    " [structured repair did not help (structured-output repair unavailable for the codex harness)]",
  );
});
