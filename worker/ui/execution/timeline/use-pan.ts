import type { TargetedEvent } from "preact";
import { useRef } from "preact/hooks";
import type { TimeMove } from "./time-window.ts";

/** So far a press is still a click. */
const CLICK_PX = 4;

/**
 * Drags, of the first finger alone, and wheels over the picture. A wheel alone scrolls the page, as everywhere: with Ctrl (a
 * pinch on a touchpad) it zooms.
 */
export function usePan(widthPx: number, move: (move: TimeMove) => void) {
  const drag = useRef<{ readonly x: number; readonly isFar: boolean } | null>(null);
  const end = ({ isPrimary }: PointerEvent): void => {
    if (isPrimary) drag.current = null;
  };
  return {
    onPointerDown: (event: TargetedEvent<HTMLElement, PointerEvent>) => {
      if (event.isPrimary && event.button === 0) drag.current = { x: event.clientX, isFar: false };
    },
    onPointerMove: (event: TargetedEvent<HTMLElement, PointerEvent>) => {
      if (drag.current === null || !event.isPrimary) return;
      const { x, isFar } = drag.current;
      const byPx = x - event.clientX;
      if (!isFar && Math.abs(byPx) < CLICK_PX) return;
      if (!isFar) event.currentTarget.setPointerCapture(event.pointerId);
      drag.current = { x: event.clientX, isFar: true };
      move({ kind: "pan", part: byPx / widthPx });
    },
    onPointerUp: end,
    onPointerCancel: end,
    onWheel: (event: TargetedEvent<HTMLElement, WheelEvent>) => {
      const { ctrlKey, deltaX, deltaY, clientX, currentTarget } = event;
      if (!ctrlKey && Math.abs(deltaX) <= Math.abs(deltaY)) return;
      event.preventDefault();
      const at = (clientX - currentTarget.getBoundingClientRect().left) / widthPx;
      move(ctrlKey ? { kind: "zoom", factor: 1.01 ** deltaY, at } : { kind: "pan", part: deltaX / widthPx });
    },
  };
}
