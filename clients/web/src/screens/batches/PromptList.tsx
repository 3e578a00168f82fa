import { Field, Textarea } from "@/parts/Field";
import { texts } from "@/texts";
import { promptsOf } from "./draft";

const said = texts.batch.compose;

/** Prompts, one a line. */
export function PromptList({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <Field
      label={said.prompts}
      hint={said.promptsHint}
      aside={said.promptsCount(promptsOf(value).length)}
      name="prompts"
    >
      {(given) => (
        <Textarea
          {...given}
          rows={14}
          className="min-h-72 font-serif text-base"
          placeholder={said.promptsPlaceholder}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}
