import { type RefObject } from "preact";
import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";

/** So near to the end still counts as there. */
const NEAR_PX = 32;

export type Follow = {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly isFollowing: boolean;
  readonly onScroll: () => void;
  readonly follow: () => void;
};

/** Stays at the end of what grows; scrolling up lets go of it, and nothing moves until one is back. */
export function useFollow(grown: unknown): Follow {
  const box = useRef<HTMLDivElement>(null);
  const [isFollowing, setFollowing] = useState(true);
  const toEnd = useCallback(() => {
    if (box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, []);
  useLayoutEffect(() => {
    if (isFollowing) toEnd();
  }, [grown, isFollowing]);
  const onScroll = useCallback(() => {
    const found = box.current;
    if (found === null) return;
    setFollowing(found.scrollHeight - found.scrollTop - found.clientHeight <= NEAR_PX);
  }, []);
  const follow = useCallback(() => {
    setFollowing(true);
    toEnd();
  }, []);
  return { box, isFollowing, onScroll, follow };
}
