type AtProps = {
  /** By the server's clock. */
  readonly at: number;
  readonly skewMs: number;
};

/** The time of day to the second on this machine; cheap enough to stand on every line of a log. */
export function At({ at, skewMs }: AtProps) {
  const date = new Date(at - skewMs);
  return (
    <time class="number" dateTime={new Date(at).toISOString()} title={date.toLocaleString()}>
      {date.toTimeString().slice(0, "00:00:00".length)}
    </time>
  );
}
