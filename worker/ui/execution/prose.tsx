import { useState } from "preact/hooks";
import { toPlainText } from "../../../shared/plain-text.ts";

const SHOWN_CHARS = 600;

/** A text of several lines as somebody else wrote it: inert, and collapsed where it is long. */
export function Prose({ text }: { readonly text: string }) {
  const [isOpen, setOpen] = useState(false);
  const whole = toPlainText(text).trim();
  if (whole.length <= SHOWN_CHARS) return <p class="prose">{whole}</p>;
  return (
    <div>
      <p class="prose">{isOpen ? whole : `${whole.slice(0, SHOWN_CHARS)} …`}</p>
      <button
        type="button"
        class="button button-bare"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {isOpen ? "Show less" : `Show all ${whole.length.toLocaleString()} characters`}
      </button>
    </div>
  );
}
