import { type ComponentProps, type ReactNode, useId } from "react";
import { classes } from "./classes";

interface FieldProps {
  label: string;
  /** Said beside the label, in a softer voice. */
  aside?: ReactNode;
  hint?: ReactNode;
  /** What is wrong, and what to do about it. */
  error?: string | null;
  /** As in `POST /generate`; where a refusal finds its field. */
  name?: string;
  className?: string;
  children: (given: { id: string; "aria-describedby": string; "aria-invalid": boolean }) => ReactNode;
}

/** A label, something to fill in, a hint and what is wrong with it, tied together for whoever hears the page. */
export function Field({ label, aside, hint, error, name, className, children }: FieldProps) {
  const id = useId();
  return (
    <div className={classes("grid gap-1.5", className)} data-field={name}>
      <div className="flex items-baseline justify-between gap-3">
        <label htmlFor={id} className="text-[13px] font-semibold">
          {label}
        </label>
        {aside && <span className="text-xs text-soft">{aside}</span>}
      </div>
      {children({ id, "aria-describedby": `${id}-hint ${id}-error`, "aria-invalid": Boolean(error) })}
      <p id={`${id}-hint`} className="text-xs text-soft empty:hidden">
        {hint}
      </p>
      <p id={`${id}-error`} className="text-[13px] text-bad empty:hidden" role={error ? "alert" : undefined}>
        {error}
      </p>
    </div>
  );
}

/** A group of things to choose from, with one legend. */
export function Group({
  label,
  aside,
  hint,
  error,
  name,
  className,
  children,
}: Omit<FieldProps, "children"> & { children: ReactNode }) {
  const id = useId();
  return (
    <fieldset
      className={classes("grid min-w-0 gap-1.5", className)}
      data-field={name}
      aria-describedby={`${id}-hint ${id}-error`}
    >
      <legend className="mb-1.5 flex w-full items-baseline justify-between gap-3 text-[13px] font-semibold">
        {label}
        {aside && <span className="text-xs font-normal text-soft">{aside}</span>}
      </legend>
      {children}
      <p id={`${id}-hint`} className="text-xs text-soft empty:hidden">
        {hint}
      </p>
      <p id={`${id}-error`} className="text-[13px] text-bad empty:hidden" role={error ? "alert" : undefined}>
        {error}
      </p>
    </fieldset>
  );
}

const box =
  "w-full rounded-lg border border-edge bg-paper px-3 py-2 text-sm text-ink placeholder:text-soft aria-invalid:border-bad disabled:opacity-60";

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input className={classes(box, "h-9", className)} {...rest} />;
}

export function Textarea({ className, ...rest }: ComponentProps<"textarea">) {
  return <textarea className={classes(box, "min-h-20 resize-y", className)} dir="auto" {...rest} />;
}

/** The system's own list of choices: good with a keyboard, a screen reader and a thumb. */
export function Select({ className, ...rest }: ComponentProps<"select">) {
  return <select className={classes(box, "h-9 pr-8", className)} {...rest} />;
}

interface CheckboxProps extends Omit<ComponentProps<"input">, "type"> {
  label: ReactNode;
}

export function Checkbox({ label, className, ...rest }: CheckboxProps) {
  return (
    <label className={classes("inline-flex min-h-6 items-center gap-2 text-sm", className)}>
      <input type="checkbox" className="size-4 accent-(--accent)" {...rest} />
      {label}
    </label>
  );
}

interface SliderProps extends Omit<ComponentProps<"input">, "type" | "onChange" | "value"> {
  value: number;
  onChange: (value: number) => void;
  /** What stands beside it, if not the number itself. */
  shown?: string;
}

export function Slider({ value, onChange, shown, className, ...rest }: SliderProps) {
  return (
    <div className={classes("flex items-center gap-3", className)}>
      <input
        type="range"
        className="h-6 min-w-0 flex-1 accent-(--accent)"
        value={value}
        onChange={(event) => onChange(event.currentTarget.valueAsNumber)}
        {...rest}
      />
      <output className="min-w-10 text-right text-[13px] text-soft tabular-nums">{shown ?? value}</output>
    </div>
  );
}
