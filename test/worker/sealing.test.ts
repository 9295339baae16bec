import { test } from "vitest";
import { Limits } from "../../shared/limits.ts";
import { beatKey, constantTimeEqual, controlKey, importSealingKey } from "../../worker/keys.ts";
import { createSealer, sealerFrom } from "../../worker/sealing.ts";

const keyText = (fill: number) => btoa(String.fromCharCode(...new Uint8Array(32).fill(fill)));
const place = { executionId: "exec_1", jobId: "exec_1-coder", round: 1 };
const attempt = { executionId: "exec_1", instance: "i-1", jobId: "exec_1-coder", attempt: 1 };

test("a sealed spec opens where it was sealed and shows nothing of itself", async ({ expect }) => {
  const sealer = createSealer(keyText(1));
  const chunks = await sealer.seal(place, '{"ghToken":"ghp_planted","prompt":"grün"}');
  expect(new TextDecoder("latin1").decode(chunks[0]?.data)).not.toContain("ghp_planted");
  expect(await sealer.open(place, chunks)).toBe('{"ghToken":"ghp_planted","prompt":"grün"}');
});

test("a text beyond one row is sealed in chunks that each fit, whatever their order at opening", async ({
  expect,
}) => {
  const sealer = createSealer(keyText(1));
  const text = "é".repeat(Limits.specChunkBytes + 5);
  const chunks = await sealer.seal(place, text);
  expect(chunks.length).toBe(3);
  expect(Math.max(...chunks.map((chunk) => chunk.data.byteLength))).toBeLessThanOrEqual(
    Limits.specChunkBytes,
  );
  expect((await sealer.open(place, chunks.toReversed())) === text).toBe(true);
});

test("an empty text is sealed too", async ({ expect }) => {
  const sealer = createSealer(keyText(1));
  expect(await sealer.open(place, await sealer.seal(place, ""))).toBe("");
});

test("no chunk opens for another execution, job or round, nor changed, nor without its neighbour", async ({
  expect,
}) => {
  const sealer = createSealer(keyText(1));
  const chunks = await sealer.seal(place, "x".repeat(Limits.specChunkBytes + 1));
  expect(await sealer.open({ ...place, executionId: "exec_2" }, chunks)).toBeNull();
  expect(await sealer.open({ ...place, jobId: "other" }, chunks)).toBeNull();
  expect(await sealer.open({ ...place, round: 2 }, chunks)).toBeNull();
  expect(await sealer.open(place, chunks.slice(0, 1))).toBeNull();
  expect(await sealer.open(place, [])).toBeNull();
  chunks[0]?.data.fill(0, 0, 1);
  expect(await sealer.open(place, chunks)).toBeNull();
});

test("the first key of the list seals and every key of it opens", async ({ expect }) => {
  const chunks = await createSealer(keyText(1)).seal(place, "spec");
  const rotated = createSealer(`${keyText(2)}, ${keyText(1)}`);
  expect(await rotated.open(place, chunks)).toBe("spec");
  expect((await rotated.seal(place, "spec"))[0]?.keyId).not.toBe(chunks[0]?.keyId);
  expect(await createSealer(keyText(2)).open(place, chunks)).toBeNull();
});

test("sealing the same text twice gives different bytes", async ({ expect }) => {
  const sealer = createSealer(keyText(1));
  const [first, second] = await Promise.all([sealer.seal(place, "spec"), sealer.seal(place, "spec")]);
  expect(first[0]?.data).not.toEqual(second[0]?.data);
});

test("without a usable secret there is no sealer", ({ expect }) => {
  expect(sealerFrom({})).toBeNull();
  expect(sealerFrom({ HOLT_SEALING_KEY: "  " })).toBeNull();
  expect(sealerFrom({ HOLT_SEALING_KEY: "not base64!" })).toBeNull();
  expect(sealerFrom({ HOLT_SEALING_KEY: btoa("too short") })).toBeNull();
  expect(sealerFrom({ HOLT_SEALING_KEY: `${keyText(1)},` })).toBeNull();
  expect(sealerFrom({ HOLT_SEALING_KEY: keyText(1) })).not.toBeNull();
});

test("a beat key is one attempt's and a control key one instance's, the same in every incarnation", async ({
  expect,
}) => {
  const key = await importSealingKey(new Uint8Array(32).fill(1));
  const again = await importSealingKey(new Uint8Array(32).fill(1));
  const mine = await beatKey(key, attempt);
  expect(mine).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(await beatKey(again, attempt)).toBe(mine);
  const others = await Promise.all([
    beatKey(key, { ...attempt, attempt: 2 }),
    beatKey(key, { ...attempt, instance: "i-2" }),
    beatKey(key, { ...attempt, jobId: "exec_1-tester" }),
    beatKey(key, { ...attempt, executionId: "exec_2" }),
    beatKey(key, { ...attempt, instance: 'i-1","exec_1-coder' }),
    controlKey(key, attempt),
    controlKey(key, { executionId: "exec_1", instance: "i-2" }),
  ]);
  expect(new Set([mine, ...others]).size).toBe(others.length + 1);
});

test("the sealer derives keys by the id beside a sealed spec, and none by an unknown id", async ({
  expect,
}) => {
  const sealer = createSealer(keyText(1));
  const keyId = (await sealer.seal(place, "spec"))[0]?.keyId ?? "";
  const key = await importSealingKey(new Uint8Array(32).fill(1));
  expect(keyId).toBe(key.keyId);
  expect(await sealer.beatKey(keyId, attempt)).toBe(await beatKey(key, attempt));
  expect(await sealer.controlKey(keyId, attempt)).toBe(await controlKey(key, attempt));
  expect(await sealer.beatKey("00000000", attempt)).toBeNull();
  expect(await sealer.controlKey("00000000", attempt)).toBeNull();
});

test("secrets are equal only as a whole", ({ expect }) => {
  expect(constantTimeEqual("secret", "secret")).toBe(true);
  expect(constantTimeEqual("secret", "secreT")).toBe(false);
  expect(constantTimeEqual("secret", "secret2")).toBe(false);
  expect(constantTimeEqual("", "secret")).toBe(false);
});
