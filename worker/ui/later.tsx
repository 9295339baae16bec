import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

type LaterProps<P> = {
  readonly load: () => Promise<ComponentType<P>>;
  readonly with: P;
};

/** A page whose script is loaded when it is opened. After a deployment the one that was named may be gone. */
export function Later<P extends object>({ load, with: props }: LaterProps<P>) {
  const [loaded, setLoaded] = useState<{ readonly Page: ComponentType<P> } | "failed" | null>(null);
  useEffect(() => {
    load().then(
      (Page) => setLoaded({ Page }),
      () => setLoaded("failed"),
    );
  }, [load]);
  if (loaded === null) return null;
  if (loaded !== "failed") return <loaded.Page {...props} />;
  return (
    <main class="notice">
      <h1>This part of the page could not be loaded</h1>
      <p role="alert">There may be a newer version of it. Load the page again.</p>
    </main>
  );
}
