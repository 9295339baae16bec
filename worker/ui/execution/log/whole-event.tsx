import { useEffect, useState } from "preact/hooks";
import type { ExecutionEvent } from "../../../../shared/events.ts";
import { toPlainText } from "../../../../shared/plain-text.ts";
import { plain } from "../../formats.ts";
import { useSession } from "../../session.tsx";

export type WholeProps = {
  readonly event: ExecutionEvent;
  readonly executionId: string;
  /** Something of it is not kept here. */
  readonly isCut: boolean;
};

/** All fields of an event, read anew where they are not kept whole. */
export function WholeEvent({ event, executionId, isCut }: WholeProps) {
  const { client } = useSession();
  const [shown, setShown] = useState(isCut ? "Reading …" : toText(event));
  const read = async (): Promise<void> => {
    const query = { after: event.cursor - 1, limit: 1 };
    const reply = await client().call("events", { path: { executionId }, query });
    const found = reply.kind === "answer" ? reply.value.events[0] : undefined;
    if (found?.cursor === event.cursor) setShown(toText(found));
    else setShown(reply.kind === "failed" ? plain(reply.failure.error) : "It is no longer kept.");
  };
  useEffect(() => {
    if (isCut) void read();
  }, []);
  return <pre class="whole">{shown}</pre>;
}

/** One field a line; texts as they are, the rest as JSON. */
function toText(event: ExecutionEvent): string {
  return Object.entries(event)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value, null, 1);
      return toPlainText(text.includes("\n") ? `${name}:\n${text}` : `${name}: ${text}`);
    })
    .join("\n");
}
