import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { cardOf, titleOf } from "./on-screen.ts";

/** A card that moves to another column is another element there: where it had the focus, it has it again. */
export function useKeptFocus(): void {
  const held = useRef<string | null>(null);
  useEffect(() => {
    const remember = (): void => {
      const card = document.activeElement?.closest<HTMLElement>("[data-key]");
      held.current = card?.dataset["key"] ?? null;
    };
    // Whoever leaves a card that is still there wants to be elsewhere.
    const forget = ({ target }: FocusEvent): void => {
      queueMicrotask(() => {
        const isElsewhere = document.activeElement === document.body;
        if (isElsewhere && target instanceof Node && target.isConnected) held.current = null;
      });
    };
    document.addEventListener("focusin", remember);
    document.addEventListener("focusout", forget);
    return () => {
      document.removeEventListener("focusin", remember);
      document.removeEventListener("focusout", forget);
    };
  }, []);
  useLayoutEffect(() => {
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (isLost && held.current !== null) titleOf(cardOf(held.current))?.focus({ preventScroll: true });
  });
}
