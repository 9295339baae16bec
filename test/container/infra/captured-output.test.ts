import { test } from "vitest";
import { createCapture, toLogs } from "../../../container/infra/captured-output.ts";

const secret = "secret-0123456789-0123456789";
const redact = (text: string): string => text.replaceAll(secret, "***");

test("a character that two chunks share stays whole", ({ expect }) => {
  const capture = createCapture();
  const euro = Buffer.from("1 €");
  capture.write(euro.subarray(0, 3));
  capture.write(euro.subarray(3));
  expect(capture.read().text).toBe("1 €");
});

test("logs are what was printed, in order and trimmed, without empty parts", ({ expect }) => {
  const parts = [" a \n", "", "\n", "b\n"].map((text) => ({ text, droppedChars: 0 }));
  expect(toLogs(parts, redact)).toBe("a\nb");
  expect(toLogs([], redact)).toBe("");
});

test("long logs keep their last 16,000 characters and say how many went before", ({ expect }) => {
  const text = `${"a".repeat(20_000)}${"b".repeat(15_999)}`;
  const logs = toLogs([{ text, droppedChars: 0 }], redact);
  expect(logs).toBe(`…(19999 earlier chars trimmed)\na${"b".repeat(15_999)}`);
});

test("a secret that the cut goes through is redacted first", ({ expect }) => {
  const text = `${"a".repeat(100)}${secret}${"b".repeat(15_990)}`;
  const logs = toLogs([{ text, droppedChars: 0 }], redact);
  expect(logs).toBe(`…(93 earlier chars trimmed)\n${"a".repeat(7)}***${"b".repeat(15_990)}`);
});

test("a flood keeps its end alone, without the half of a secret that its window begins with", ({
  expect,
}) => {
  const capture = createCapture();
  // long enough that the whole window, masked, is shorter than what is shown
  const known = "0123456789".repeat(20);
  const line = `${known}\n`;
  const lines = 200_000;
  const chunk = Buffer.from(line.repeat(1_000));
  for (let written = 0; written < lines; written += 1_000) capture.write(chunk);
  const captured = capture.read();
  expect(captured.text.length).toBeLessThan(200_000);
  expect(captured.text.length + captured.droppedChars).toBe(lines * line.length);
  const logs = toLogs([captured, { text: "the end", droppedChars: 0 }], (text) =>
    text.replaceAll(known, "***"),
  );
  expect(logs.length).toBeLessThan(16_100);
  expect(logs).toMatch(/^…\(\d+ earlier chars trimmed\)\n[*\n]*the end$/u);
  expect(logs).not.toContain("0123456789");
});
