import { createHash, timingSafeEqual } from "node:crypto";

/** Who may speak to the harness. */
export type Gate = {
  /**
   * @param given the value of the secret header; undefined where there is none
   * @param dispatches whether the request is a `POST /jobs`
   */
  readonly admits: (given: string | undefined, dispatches: boolean) => boolean;
};

export type GateOptions = {
  readonly sharedSecret: string | null;
  /** Whether the first dispatch may bring the control key of this boot. */
  readonly takesControlKey: boolean;
  /** Told the control key when it is taken, so that it is redacted everywhere. */
  readonly onControlKey: (key: string) => void;
};

/**
 * A configured secret holds from the start. Else, inside an execution, the header of the very first dispatch becomes the
 * control key of this boot: before it no agent runs here that could bring one of its own, and a first dispatch without
 * the header settles for good that there is none.
 */
export function createGate({ sharedSecret, takesControlKey, onControlKey }: GateOptions): Gate {
  let key = sharedSecret;
  let isOpenToKey = takesControlKey && sharedSecret === null;
  return {
    admits: (given, dispatches) => {
      if (isOpenToKey && dispatches) {
        isOpenToKey = false;
        if (given !== undefined && given !== "") {
          key = given;
          onControlKey(given);
        }
      }
      return key === null || (given !== undefined && isSame(given, key));
    },
  };
}

/** In time that tells nothing of where two values differ. */
function isSame(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

function digest(value: string): Buffer {
  return createHash("sha256").update(value).digest();
}
