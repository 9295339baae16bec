import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Reply } from "../../../../shared/client/calls.ts";
import { Dialog } from "../../components/dialog.tsx";
import { plain } from "../../formats.ts";
import type { Asking } from "./use-asking.ts";

type ConfirmationProps = {
  readonly button: string;
  readonly asking: Asking;
  readonly title: string;
  readonly yes: string;
  readonly onYes: () => Promise<Reply<unknown>>;
  readonly children: ComponentChildren;
};

/** A button behind which a question stands. */
export function Confirmation(props: ConfirmationProps) {
  const { button, asking, title, yes, onYes, children } = props;
  const { isAsked, complaint, ask } = asking;
  const [isOpen, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  const opener = useRef<HTMLButtonElement>(null);
  // It goes when there is nothing to ask for any more, and whoever was on it is then at the heading.
  useLayoutEffect(
    () => () => {
      if (opener.current?.parentNode?.contains(document.activeElement)) document.querySelector("h1")?.focus();
    },
    [],
  );
  return (
    <>
      <button
        ref={opener}
        type="button"
        class="button button-danger"
        // The dialog gives it the focus back, which a disabled one would not take.
        aria-disabled={isAsked}
        onClick={() => setOpen(!isAsked)}
      >
        {button}
      </button>
      {complaint !== null && (
        <span class="complaint" role="alert">
          {plain(complaint)}
        </span>
      )}
      <Dialog title={title} isOpen={isOpen} onClose={close}>
        {children}
        <button
          type="button"
          class="button button-danger"
          onClick={() => {
            void ask(onYes);
            close();
          }}
        >
          {yes}
        </button>
      </Dialog>
    </>
  );
}
