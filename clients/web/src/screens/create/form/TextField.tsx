import { Field, Input } from "@/parts/Field";
import type { Draft } from "../draft";
import { change } from "../form";

interface TextFieldProps {
  field: "negative_prompt" | "num_inference_steps" | "guidance_scale" | "sizes";
  draft: Draft;
  error: string | undefined;
  label: string;
  aside?: string;
  placeholder?: string;
}

/** A field of the form that is a line of text, or a number as somebody writes it. */
export function TextField({ field, draft, error, label, aside, placeholder }: TextFieldProps) {
  const isNumber = field === "num_inference_steps" || field === "guidance_scale";
  return (
    <Field
      label={label}
      name={field}
      error={error ?? null}
      hint={isNumber ? aside : null}
      aside={isNumber ? null : aside}
    >
      {(given) => (
        <Input
          {...given}
          dir="auto"
          autoComplete="off"
          {...(isNumber ? { inputMode: "decimal" as const } : {})}
          placeholder={placeholder}
          value={draft[field]}
          onChange={(event) => change({ [field]: event.currentTarget.value })}
        />
      )}
    </Field>
  );
}
