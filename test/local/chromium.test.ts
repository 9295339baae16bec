import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";
import { findChromium } from "../../local/chromium.ts";

test("the browser that is named goes before those of the PATH, and one that is not there is told", async ({
  expect,
}) => {
  const dir = await mkdtemp(join(tmpdir(), "holt-chromium-"));
  const [onPath, named] = [join(dir, "bin", "chromium"), join(dir, "mine")];
  await mkdir(join(dir, "bin"));
  await writeFile(onPath, "");
  await writeFile(named, "");
  const PATH = `${join(dir, "none")}:${join(dir, "bin")}`;
  expect(findChromium({ PATH })).toBe(onPath);
  expect(findChromium({ PATH, HOLT_CHROMIUM: "" })).toBe(onPath);
  expect(findChromium({ PATH, HOLT_CHROMIUM: named })).toBe(named);
  const absent = join(dir, "gone");
  expect(() => findChromium({ PATH, HOLT_CHROMIUM: absent })).toThrow(`${absent}, which does not exist`);
  await rm(dir, { recursive: true });
});
