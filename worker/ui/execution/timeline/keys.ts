import type { TimeMove } from "./time-window.ts";

/** A step of the zoom, by key or button. */
const ZOOM = 1.6;
export const zoomIn: TimeMove = { kind: "zoom", factor: 1 / ZOOM, at: 0.5 };
export const zoomOut: TimeMove = { kind: "zoom", factor: ZOOM, at: 0.5 };

/** What keys do to the timeline. */
export const moveOfKey: ReadonlyMap<string, TimeMove> = new Map<string, TimeMove>([
  ["ArrowLeft", { kind: "pan", part: -0.2 }],
  ["ArrowRight", { kind: "pan", part: 0.2 }],
  ["+", zoomIn],
  ["=", zoomIn],
  ["-", zoomOut],
  ["0", { kind: "all" }],
  ["Home", { kind: "start" }],
  ["End", { kind: "end" }],
]);

/** To the next call or the one before. */
export const stepOfKey: ReadonlyMap<string, 1 | -1> = new Map([
  ["ArrowDown", 1],
  ["ArrowUp", -1],
]);
