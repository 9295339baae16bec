import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { test as base } from "vitest";
import { claimState } from "../../../local/claim.ts";

const test = base.extend<{ dir: string }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the fixtures a fixture needs from the pattern
  dir: async ({}, use) => {
    const dir = await mkdtemp(join(tmpdir(), "holt-claim-"));
    await use(dir);
    await rm(dir, { recursive: true, force: true });
  },
});

test("a claimed folder is taken until it is released, and says where its holder answers", async ({
  expect,
  dir,
}) => {
  await using other = await startHolder(dir);
  expect(other.kind).toBe("held");
  expect(claimState(dir)).toEqual({ kind: "taken", by: { pid: other.pid, url: "http://127.0.0.1:8787" } });
  await other.release();
  const own = claimState(dir);
  expect(own.kind).toBe("held");
  if (own.kind === "held") own.release();
  expect(await readdir(dir)).toEqual(["lock"]);
});

test("what a killed holder left, and half a note, block nobody", async ({ expect, dir }) => {
  await using other = await startHolder(dir);
  await other.kill();
  expect(await readdir(dir)).toContain("running.json");
  for (const note of [`{"pid":${process.pid},"url":"http://127.0.0.1:1"}`, '{"pid":', ""]) {
    await writeFile(join(dir, "running.json"), note);
    const claim = claimState(dir);
    expect(claim.kind, note).toBe("held");
    if (claim.kind === "held") claim.release();
  }
});

test("of several starts at once one gets the folder", async ({ expect, dir }) => {
  const holders = await Promise.all(Array.from({ length: 4 }, () => startHolder(dir)));
  expect(holders.map(({ kind }) => kind).toSorted()).toEqual(["held", "taken", "taken", "taken"]);
  for (const holder of holders) await holder.kill();
});

type HoldingProcess = AsyncDisposable & {
  readonly pid: number | undefined;
  readonly kind: string;
  readonly release: () => Promise<void>;
  readonly kill: () => Promise<void>;
};

/** Another process that claims the folder, and holds it until it is told to release it. */
async function startHolder(dir: string): Promise<HoldingProcess> {
  const module = new URL("../../../local/claim.ts", import.meta.url).href;
  const program = `
    const { claimState } = await import(${JSON.stringify(module)});
    const claim = claimState(${JSON.stringify(dir)});
    claim.announce?.("http://127.0.0.1:8787");
    process.stdin.once("end", () => claim.release?.()).resume();
    process.stdout.write(claim.kind);
  `;
  const holder = execa(process.execPath, ["--input-type=module", "--eval", program], {
    buffer: false,
    reject: false,
  });
  const [kind] = await once(holder.stdout, "data");
  const end = async (how: () => void): Promise<void> => {
    how();
    await holder;
  };
  const kill = (): Promise<void> => end(() => holder.kill("SIGKILL"));
  return {
    pid: holder.pid,
    kind: String(kind),
    release: () => end(() => holder.stdin.end()),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
