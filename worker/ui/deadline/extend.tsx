import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { plain, toClock } from "../formats.ts";
import { now } from "../system.ts";
import { type ExtendableName, extendedUntil, extensions } from "./extension.ts";
import type { Extending } from "./use-extend.ts";

type ExtendProps = {
  readonly name: ExtendableName;
  /** Where it stands, by the server's clock. */
  readonly at: number;
  /** What is extended, for those who hear the button alone. */
  readonly of: string;
  readonly skewMs: number;
  readonly extending: Extending;
};

/** A button that moves a deadline, by how much one chooses; what is refused says why, and the focus stays where it was. */
export function Extend({ name, at, of, skewMs, extending: { extend, isUnderWay, refusal } }: ExtendProps) {
  const [isChoosing, setChoosing] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const choices = useRef<HTMLFieldSetElement>(null);
  useEffect(() => {
    if (isChoosing) choices.current?.querySelector("button")?.focus();
  }, [isChoosing]);
  const close = (): void => {
    setChoosing(false);
    opener.current?.focus();
  };
  // The choices are of one deadline: when another comes in its place, nobody moves that one by a press meant for the first.
  useLayoutEffect(
    () => () => {
      if (choices.current?.contains(document.activeElement)) opener.current?.focus();
      setChoosing(false);
    },
    [name],
  );
  const latest = refusal?.latest ?? null;
  const clock = (moment: number): string => toClock(moment - skewMs, now());
  const choice = (label: string, said: string, until: () => number) => (
    <button
      key={label}
      type="button"
      class="button"
      // One that was disabled would lose the focus, and with it the key that closes this.
      aria-disabled={isUnderWay}
      onClick={async () => {
        if (await extend(name, until())) close();
      }}
    >
      {said !== "" && <span class="said">{said}</span>}
      {label}
    </button>
  );
  return (
    <>
      <button
        ref={opener}
        type="button"
        class="button stop-extend"
        aria-expanded={isChoosing}
        aria-label={`Extend ${of}`}
        onClick={() => setChoosing(!isChoosing)}
      >
        Extend
      </button>
      {isChoosing && (
        <fieldset
          ref={choices}
          class="stop-choices"
          onKeyDown={(event) => {
            if (event.key === "Escape") close();
          }}
        >
          <legend class="said">Extend the deadline {name} by</legend>
          {extensions.map(({ label, byMs }) =>
            choice(label, "Extend by ", () => extendedUntil(at, now() + skewMs, byMs)),
          )}
          {latest !== null && latest > at && choice(`Until ${clock(latest)}`, "", () => latest)}
        </fieldset>
      )}
      {refusal !== null && (
        <p class="complaint stop-refusal" role="alert">
          {latest === null ? plain(refusal.error, 500) : `It can be moved to ${clock(latest)} at most`}
        </p>
      )}
    </>
  );
}
