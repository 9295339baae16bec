import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useNavigation } from "../navigation.tsx";

/** The heading of the page, which takes the focus where a link of another page led to it. */
export function Title({ children }: { readonly children: ComponentChildren }) {
  const { hasMoved } = useNavigation();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (hasMoved && document.activeElement === document.body) heading.current?.focus();
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
