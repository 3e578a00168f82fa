import { Field, Input, Textarea } from "@/parts/Field";

interface WordsProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string;
  error?: string | null;
  /** Several lines. */
  long?: boolean;
  required?: boolean;
}

/** A field for words of any language. */
export function Words({ label, value, onChange, hint, error, long, required }: WordsProps) {
  return (
    <Field label={label} hint={hint} error={error ?? null} className="content-start">
      {(given) =>
        long ? (
          <Textarea
            {...given}
            value={value}
            required={required}
            onChange={(event) => onChange(event.currentTarget.value)}
          />
        ) : (
          <Input
            {...given}
            dir="auto"
            value={value}
            required={required}
            onChange={(event) => onChange(event.currentTarget.value)}
          />
        )
      }
    </Field>
  );
}
