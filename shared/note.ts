import * as z from "zod";

/** What the object or the harness saw at a moment; times are the object's. */
export const Note = z
  .object({ at: z.int(), code: z.string(), text: z.string() })
  .meta({ id: "Note", description: "What was seen at a moment." });
export type Note = z.infer<typeof Note>;
