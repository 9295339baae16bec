/** What this page alone takes from its browser. */

/** Tells the width of an element, at once and whenever it changes. */
export function onWidth(element: Element, listener: (widthPx: number) => void): () => void {
  const observer = new ResizeObserver(([entry]) => {
    if (entry !== undefined) listener(Math.floor(entry.contentRect.width));
  });
  observer.observe(element);
  return () => observer.disconnect();
}
