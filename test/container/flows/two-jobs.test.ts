import { test } from "vitest";
import { openStudio } from "./studio.ts";

test("two jobs at once each have their own role and model, and a developer's own files stay as they are", async ({
  expect,
}) => {
  // says what it was told once both agents have started
  const agent = `start_tool wait; wait_for_go
    say "$(head -n 1 "$PI_CODING_AGENT_DIR/AGENTS.md"), $(grep -o '"id": *"[a-z-]*"' "$PI_CODING_AGENT_DIR/models.json" | tr -d '"'), $HOME"`;
  const open = (name: string) =>
    openStudio({
      agent,
      env: { HOME: "/nonexistent/developer" },
      job: { systemPrompt: `Role of ${name}`, model: `model-${name}`, noChangesIsError: false },
    });
  const [first, second] = [await open("a"), await open("b")];
  const running = [first.run(), second.run()];
  for (const { recording } of [first, second]) await recording.waitFor(({ kind }) => kind === "tool-start");
  await Promise.all([first.letGo(), second.letGo()]);
  const summaries = (await Promise.all(running)).map((end) => end.result?.summary ?? "");
  expect(summaries[0]).toMatch(/^Role of a, id: ?model-a, /);
  expect(summaries[1]).toMatch(/^Role of b, id: ?model-b, /);
  const homes = summaries.map((summary) => summary.split(", ")[2] ?? "");
  expect(homes[0]).toContain(first.folder);
  expect(homes[1]).toContain(second.folder);
});
