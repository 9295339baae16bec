import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { onWidth } from "../system.ts";

/** The width of what it is given to, in whole pixels; 0 before it is known. */
export function useWidth(): { readonly box: RefObject<HTMLDivElement | null>; readonly widthPx: number } {
  const box = useRef<HTMLDivElement>(null);
  const [widthPx, setWidthPx] = useState(0);
  useEffect(() => (box.current === null ? undefined : onWidth(box.current, setWidthPx)), []);
  return { box, widthPx };
}
