import type { ComponentType } from "preact";
import { useState } from "preact/hooks";

type FoldedProps<P> = {
  readonly summary: string;
  readonly load: () => Promise<ComponentType<P>>;
  readonly with: P;
};

/** What few look at: loaded when it is opened first, and made only while it is open. */
export function Folded<P extends object>({ summary, load, with: props }: FoldedProps<P>) {
  const [isOpen, setOpen] = useState(false);
  const [loaded, setLoaded] = useState<{ readonly Part: ComponentType<P> } | "failed" | null>(null);
  const toggle = (open: boolean): void => {
    setOpen(open);
    if (!open || (loaded !== null && loaded !== "failed")) return;
    load().then(
      (Part) => setLoaded({ Part }),
      () => setLoaded("failed"),
    );
  };
  return (
    <details onToggle={(event) => toggle(event.currentTarget.open)}>
      <summary>{summary}</summary>
      {isOpen && loaded === "failed" && (
        <p class="complaint" role="alert">
          This part could not be loaded: the network is out, or there is a newer version. Load the page again.
        </p>
      )}
      {isOpen && loaded !== null && loaded !== "failed" && <loaded.Part {...props} />}
    </details>
  );
}

export const loadPolicy = async () => (await import("./opened.ts")).PolicyTable;
export const loadTable = async () => (await import("./opened.ts")).TimelineTable;
