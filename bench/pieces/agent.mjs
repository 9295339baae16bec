// An agent that does what its prompt orders, as fast as its output is read: see `Order` in stand.ts.
import { spawn } from "node:child_process";
import { once } from "node:events";

let prompt = "";
for await (const chunk of process.stdin) prompt += chunk;

const print = (event) => write(process.stdout, `${JSON.stringify(event)}\n`);

async function write(stream, data) {
  if (!stream.write(data)) await once(stream, "drain");
}

async function repeat(stream, piece, bytes) {
  for (let written = 0; written < bytes; written += piece.length) await write(stream, piece);
}

const megabyte = Buffer.alloc(1024 * 1024, "x");
const kinds = {
  // what Pi prints most of: an update that repeats the message so far
  records: ({ bytes, recordBytes }) => {
    const message = { role: "assistant", content: [{ type: "text", text: "x".repeat(recordBytes - 90) }] };
    return repeat(
      process.stdout,
      Buffer.from(`${JSON.stringify({ type: "message_update", message })}\n`),
      bytes,
    );
  },
  line: async ({ bytes }) => {
    await write(process.stdout, '{"type":"message_end","junk":"');
    await repeat(process.stdout, megabyte, bytes);
    await write(process.stdout, '"}\n');
  },
  garbage: async ({ bytes }) => {
    await repeat(
      process.stdout,
      Buffer.from(Array.from({ length: 65_536 }, (_, at) => (at * 31) % 256)),
      bytes,
    );
    await write(process.stdout, "\n");
  },
  // no records at all, and as many lines as there can be
  lines: ({ bytes }) => repeat(process.stdout, Buffer.from("{\n".repeat(32_768)), bytes),
  errors: ({ bytes }) =>
    repeat(process.stderr, Buffer.from("a line of a flood of errors\n".repeat(100)), bytes),
  stay: async ({ isStubborn }) => {
    const ignore = isStubborn ? "trap '' TERM; " : "";
    if (isStubborn) process.on("SIGTERM", () => undefined);
    const script = `${ignore}sleep 3600 & setsid -f sleep 3601; echo started; wait`;
    const child = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    await print({ type: "tool_execution_start", toolCallId: "c1", toolName: "stay", args: {} });
    await new Promise(() => setInterval(() => undefined, 1_000));
  },
};

await print({ type: "agent_start" });
for (const order of JSON.parse(prompt)) await kinds[order.kind](order);
const content = [{ type: "text", text: "costs 5 €" }];
await print({ type: "message_end", message: { role: "assistant", content, stopReason: "stop" } });
await print({ type: "agent_settled" });
