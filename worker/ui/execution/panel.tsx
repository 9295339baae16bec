import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

type PanelProps = {
  readonly title: string;
  /** Beside the title: what belongs to all of it. */
  readonly side?: ComponentChildren;
  readonly children: ComponentChildren;
  readonly class?: string;
};

/** A part of the page that one can jump to by its name. */
export function Panel({ title, side, children, class: className = "" }: PanelProps) {
  const id = useId();
  return (
    <section class={`panel ${className}`} aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        {side}
      </div>
      {children}
    </section>
  );
}

type GoProps = {
  readonly label: string;
  /** Where the label is a sign. */
  readonly name?: string;
  readonly isOff?: boolean;
  readonly onGo: () => void;
};

/** A button that moves what a panel shows. */
export function Go({ label, name, isOff, onGo }: GoProps) {
  return (
    <button
      type="button"
      class="button"
      aria-label={name}
      // A press may turn it off under the focus, which a disabled one would drop.
      aria-disabled={isOff}
      onClick={isOff === true ? undefined : onGo}
    >
      {label}
    </button>
  );
}
