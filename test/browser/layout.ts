import type { Page } from "playwright-core";

/** The widths at which a page has to hold: a small telephone to a large screen. */
export const widthsPx = [360, 768, 1280, 2560] as const;

/**
 * What is wrong with how the page lies there now, one line each: a page that scrolls sideways, content wider than its
 * box, text that is cut without saying so, texts that lie on each other. What is cut with an ellipsis has to have its
 * whole text in a title; a box that scrolls may hold more than it shows.
 */
export function findLayoutFaults(page: Page): Promise<readonly string[]> {
  return page.evaluate(inspect);
}

/** Runs in the page, and so stands alone. */
function inspect(): string[] {
  /** Half a pixel of rounding at each edge. */
  const slackPx = 1;
  const faults: string[] = [];
  const root = document.documentElement;
  const shown = document.querySelector("dialog:modal") ?? document.body;

  const name = (element: Element): string => {
    const classes = typeof element.className === "string" ? element.className.trim() : "";
    const text = (element.textContent ?? "").trim().slice(0, 40);
    return `<${element.localName}${classes === "" ? "" : ` class="${classes}"`}> "${text}"`;
  };
  const ancestors = (element: Element): Element[] => {
    const list: Element[] = [];
    for (let one: Element | null = element; one !== null; one = one.parentElement) list.push(one);
    return list;
  };
  /** For readers of the page aloud only, or not drawn at all. */
  const isUnseen = (element: Element): boolean =>
    !element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) ||
    ancestors(element).some((one) => {
      const { width, height } = one.getBoundingClientRect();
      const { display, overflowX, clipPath } = getComputedStyle(one);
      if (display === "contents" || display === "inline") return false;
      return (width <= 1 || height <= 1) && (overflowX !== "visible" || clipPath !== "none");
    });
  const isEllipsised = (element: Element): boolean => {
    const { textOverflow, webkitLineClamp } = getComputedStyle(element);
    return textOverflow === "ellipsis" || !["none", ""].includes(webkitLineClamp);
  };
  const squeeze = (text: string): string => text.replaceAll(/\s+/g, "");
  const hasWholeText = (element: Element): boolean => {
    const title = element.closest("[title]")?.getAttribute("title") ?? "";
    return squeeze(title).includes(squeeze(element.textContent ?? ""));
  };
  const scrolls = (overflow: string): boolean => overflow === "auto" || overflow === "scroll";

  if (root.scrollWidth > root.clientWidth)
    faults.push(`the page scrolls sideways: ${root.scrollWidth} px in ${root.clientWidth} px`);

  for (const element of shown.querySelectorAll("*")) {
    if (element.closest("svg") !== null || element.clientWidth === 0 || isUnseen(element)) continue;
    const { overflowX, overflowY } = getComputedStyle(element);
    const tooWide = element.scrollWidth > element.clientWidth + slackPx && !scrolls(overflowX);
    const tooHigh =
      element.scrollHeight > element.clientHeight + slackPx && ["hidden", "clip"].includes(overflowY);
    if (!tooWide && !tooHigh) continue;
    if (isEllipsised(element)) {
      if (!hasWholeText(element))
        faults.push(`cut with an ellipsis, and no title has it whole: ${name(element)}`);
    } else if (tooWide) {
      faults.push(
        `wider than its box (${element.scrollWidth} in ${element.clientWidth} px): ${name(element)}`,
      );
    } else {
      faults.push(
        `higher than its box (${element.scrollHeight} in ${element.clientHeight} px): ${name(element)}`,
      );
    }
  }

  type Piece = { readonly of: Element; readonly box: DOMRect; readonly layer: Element | null };
  const pieces: Piece[] = [];
  const texts = document.createTreeWalker(shown, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const of = node.parentElement;
    if (of === null || (node.nodeValue ?? "").trim() === "" || isUnseen(of)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const around = ancestors(of);
    const layer = around.find((one) => ["fixed", "sticky"].includes(getComputedStyle(one).position)) ?? null;
    for (const box of range.getClientRects()) {
      if (box.width < 1 || box.height < 1) continue;
      const kept = clip(box, around);
      if (kept !== null) pieces.push({ of, box: kept, layer });
    }
  }
  const ordered = pieces.toSorted((a, b) => a.box.top - b.box.top);
  ordered.forEach((one, n) => {
    for (const other of ordered.slice(n + 1)) {
      if (other.box.top >= one.box.bottom) break;
      // What stays while the rest scrolls lies above it.
      if (one.layer !== other.layer || one.of === other.of) continue;
      const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const down = Math.min(one.box.bottom, other.box.bottom) - other.box.top;
      // Lines of text stand in boxes higher than their letters.
      if (across > 2 && down > Math.min(one.box.height, other.box.height) / 3)
        faults.push(`texts lie on each other: ${name(one.of)} and ${name(other.of)}`);
    }
  });
  return [...new Set(faults)];

  /** What is left of a box within what cuts it; null where nothing is. A box that scrolls cuts and has the rest. */
  function clip(box: DOMRect, around: readonly Element[]): DOMRect | null {
    let { left, top, right, bottom } = box;
    for (const element of around) {
      const { overflowX, overflowY, display } = getComputedStyle(element);
      if (display === "inline" || display === "contents") continue;
      const frame = element.getBoundingClientRect();
      if (overflowX !== "visible") [left, right] = [Math.max(left, frame.left), Math.min(right, frame.right)];
      if (overflowY !== "visible") [top, bottom] = [Math.max(top, frame.top), Math.min(bottom, frame.bottom)];
    }
    return right - left < 1 || bottom - top < 1 ? null : new DOMRect(left, top, right - left, bottom - top);
  }
}
