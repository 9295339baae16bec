import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Dialog } from "../../components/dialog.tsx";
import { plain } from "../../formats.ts";

type ConfirmationProps = {
  readonly button: string;
  readonly isBusy: boolean;
  readonly complaint: string | null;
  readonly title: string;
  readonly yes: string;
  readonly onYes: () => void;
  readonly children: ComponentChildren;
};

/** A button behind which a question stands. */
export function Confirmation(props: ConfirmationProps) {
  const { button, isBusy, complaint, title, yes, onYes, children } = props;
  const [isOpen, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  return (
    <>
      <button type="button" class="button button-danger" disabled={isBusy} onClick={() => setOpen(true)}>
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
            onYes();
            close();
          }}
        >
          {yes}
        </button>
      </Dialog>
    </>
  );
}
