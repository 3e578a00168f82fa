import type { Bar } from "./bars";

interface BarsProps {
  /** What the chart shows, for those who do not see it. */
  label: string;
  bars: readonly Bar[];
  /** Of the parts of a bar, from below. */
  looks: readonly string[];
}

/** Small bars side by side, the oldest first; each says what it is of when it is pointed at. */
export function Bars({ label, bars, looks }: BarsProps) {
  return (
    <div role="img" aria-label={label} className="flex h-16 items-end gap-0.5 border-b border-line">
      {bars.map((bar) => (
        <span key={bar.key} title={bar.label} className="flex h-full flex-1 flex-col-reverse">
          {bar.shares.map(
            (share, part) =>
              share > 0 && (
                <span
                  key={looks[part]}
                  className={`${looks[part]} min-h-px first:rounded-none last:rounded-t-sm`}
                  style={{ height: `${100 * share}%` }}
                />
              ),
          )}
        </span>
      ))}
    </div>
  );
}
