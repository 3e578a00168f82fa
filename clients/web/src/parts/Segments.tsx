import { type ReactNode, useId } from "react";
import { classes } from "./classes";

interface SegmentsProps<T extends string | number> {
  /** Of the group, for whoever hears it; put it into a `Group` to show one. */
  label: string;
  value: T | null;
  onChange: (value: T) => void;
  choices: readonly { value: T; label: ReactNode; title?: string; disabled?: boolean }[];
  className?: string;
}

/** A few choices side by side, of which one counts: radio buttons, so arrow keys move through them. */
export function Segments<T extends string | number>({ label, value, onChange, choices, className }: SegmentsProps<T>) {
  const name = useId();
  return (
    <div role="radiogroup" aria-label={label} className={classes("flex flex-wrap gap-1", className)}>
      {choices.map((choice) => (
        <label
          key={choice.value}
          title={choice.title}
          className="flex min-h-8 flex-1 cursor-pointer items-center justify-center rounded-lg border border-line bg-sheet px-2.5 py-1 text-center text-[13px] whitespace-nowrap hover:border-edge has-checked:border-accent has-checked:bg-wash has-checked:font-semibold has-disabled:cursor-default has-disabled:opacity-50 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            className="sr-only"
            name={name}
            checked={choice.value === value}
            disabled={choice.disabled}
            onChange={() => onChange(choice.value)}
          />
          {choice.label}
        </label>
      ))}
    </div>
  );
}
