import type { ComponentType } from "preact";
import { useState } from "preact/hooks";

type Load<P> = () => Promise<ComponentType<P>>;

/** What few look at: loaded when it is opened first, and made only while it is open. */
export function useOpened<P extends object>(load: Load<P>) {
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
  const draw = (props: P) => {
    if (!isOpen || loaded === null) return null;
    if (loaded !== "failed") return <loaded.Part {...props} />;
    return (
      <span class="complaint" role="alert">
        Not loaded. Load the page again.
      </span>
    );
  };
  return { isOpen, toggle, draw };
}

type FoldedProps<P> = { readonly summary: string; readonly load: Load<P>; readonly with: P };

export function Folded<P extends object>({ summary, load, with: props }: FoldedProps<P>) {
  const { toggle, draw } = useOpened(load);
  return (
    <details onToggle={(event) => toggle(event.currentTarget.open)}>
      <summary>{summary}</summary>
      {draw(props)}
    </details>
  );
}

export const loadPolicy = async () => (await import("./opened.ts")).PolicyTable;
export const loadTable = async () => (await import("./opened.ts")).TimelineTable;
export const loadEvent = async () => (await import("./opened.ts")).WholeEvent;
