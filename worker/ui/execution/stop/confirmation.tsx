import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
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
  return (
    <>
      <button
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
