type MeterProps = {
  readonly value: number;
  readonly max: number;
  /** What is measured, for those who do not see the bar. */
  readonly label: string;
  readonly tone?: "active" | "good" | "warn" | "bad";
};

/** A bar; its numbers stand beside it in words. */
export function Meter({ value, max, label, tone = "active" }: MeterProps) {
  const share = max <= 0 ? 0 : Math.min(1, Math.max(0, value / max));
  return (
    <span class={`meter meter-${tone}`} role="img" aria-label={label}>
      <span class="meter-fill" style={{ transform: `scaleX(${share})` }} />
    </span>
  );
}
