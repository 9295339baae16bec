import { useEffect, useLayoutEffect } from "preact/hooks";

/**
 * What is moved within the page loses the focus, and so does what goes. At the next drawing it is where `heirOf` says.
 * @param held what had it, as `nameOf` names it; null where the reader left it for nothing
 */
export function useKeptFocus<T>(
  held: { current: T | null },
  nameOf: (focused: Element | null) => T | null,
  heirOf: (name: T) => HTMLElement | null,
): void {
  useEffect(() => {
    const remember = (): void => {
      held.current = nameOf(document.activeElement);
    };
    // Whoever leaves what is still there wants to be elsewhere.
    const forget = ({ target }: FocusEvent): void => {
      queueMicrotask(() => {
        if (isNowhere() && target instanceof Node && target.isConnected) held.current = null;
      });
    };
    document.addEventListener("focusin", remember);
    document.addEventListener("focusout", forget);
    return () => {
      document.removeEventListener("focusin", remember);
      document.removeEventListener("focusout", forget);
    };
  }, [held]);
  useLayoutEffect(() => {
    if (isNowhere() && held.current !== null) heirOf(held.current)?.focus({ preventScroll: true });
  });
}

function isNowhere(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}
